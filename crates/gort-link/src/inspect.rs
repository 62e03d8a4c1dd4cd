//! Reads an executable back, for `gort inspect`: what `readelf -h -l -S` shows, and what each part is for.
