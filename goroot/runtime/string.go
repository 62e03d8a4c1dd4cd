package runtime

import "unsafe"

const (
	runeError = 0xFFFD
	maxRune   = 0x10FFFF
)

// Plain text is mostly ASCII, in all alphabets' languages but a few: eight bytes are looked at together.
const (
	asciiStep = 8
	notASCII  = 0x8080808080808080
)

// asciiWord returns the eight bytes of s from i on, and whether there are as many and all are ASCII.
func asciiWord(s string, i int) (uint64, bool) {
	if len(s)-i < asciiStep {
		return 0, false
	}
	w := *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), i))
	return w, w&notASCII == 0
}

// countrunes is len([]rune(s)).
func countrunes(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if _, ok := asciiWord(s, i); ok {
			i += asciiStep
			n += asciiStep
			continue
		}
		if s[i] < 0x80 {
			i++
		} else {
			_, i = decoderune(s, i)
		}
		n++
	}
	return n
}

func stringtoslicerune(s string) []rune {
	a := make([]rune, countrunes(s))
	k := 0
	for i := 0; i < len(s); {
		if w, ok := asciiWord(s, i); ok {
			for j := range a[k : k+asciiStep] {
				a[k+j] = rune(w & 0x7F)
				w >>= 8
			}
			i += asciiStep
			k += asciiStep
			continue
		}
		if s[i] < 0x80 {
			a[k] = rune(s[i])
			i++
		} else {
			a[k], i = decoderune(s, i)
		}
		k++
	}
	return a
}

func slicerunetostring(a []rune) string {
	n := 0
	for _, r := range a {
		n += runelen(r)
	}
	if n == 0 {
		return ""
	}
	b := make([]byte, n)
	k := 0
	for _, r := range a {
		if uint32(r) < 0x80 {
			b[k] = byte(r)
			k++
		} else {
			k += encoderune(b[k:], r)
		}
	}
	return unsafe.String(&b[0], n)
}

// runelen is the number of bytes that encoderune writes.
func runelen(r rune) int {
	switch u := uint32(r); {
	case u < 0x80:
		return 1
	case u < 0x800:
		return 2
	case u < 0x10000 || u > maxRune:
		return 3
	}
	return 4
}

// encoderune writes r as UTF-8 and returns the number of bytes.
func encoderune(p []byte, r rune) int {
	switch u := uint32(r); {
	case u < 0x80:
		p[0] = byte(u)
		return 1
	case u < 0x800:
		_ = p[1]
		p[0] = 0xC0 | byte(u>>6)
		p[1] = 0x80 | byte(u)&0x3F
		return 2
	case u > maxRune || u >= 0xD800 && u < 0xE000:
		_ = p[2]
		p[0], p[1], p[2] = 0xEF, 0xBF, 0xBD
		return 3
	case u < 0x10000:
		_ = p[2]
		p[0] = 0xE0 | byte(u>>12)
		p[1] = 0x80 | byte(u>>6)&0x3F
		p[2] = 0x80 | byte(u)&0x3F
		return 3
	default:
		_ = p[3]
		p[0] = 0xF0 | byte(u>>18)
		p[1] = 0x80 | byte(u>>12)&0x3F
		p[2] = 0x80 | byte(u>>6)&0x3F
		p[3] = 0x80 | byte(u)&0x3F
		return 4
	}
}

// decoderune decodes the rune that starts at s[k] and returns it with the index after it.
// Ill-formed input gives runeError and k+1.
func decoderune(s string, k int) (r rune, pos int) {
	n := len(s) - k
	c := s[k]
	if c < 0x80 {
		return rune(c), k + 1
	}
	if c >= 0xC2 && c < 0xE0 {
		if n > 1 && s[k+1]&0xC0 == 0x80 {
			return rune(c&0x1F)<<6 | rune(s[k+1]&0x3F), k + 2
		}
	} else if c >= 0xE0 && c < 0xF0 {
		if n > 2 && s[k+1]&0xC0 == 0x80 && s[k+2]&0xC0 == 0x80 {
			r = rune(c&0x0F)<<12 | rune(s[k+1]&0x3F)<<6 | rune(s[k+2]&0x3F)
			if r >= 0x800 && (r < 0xD800 || r > 0xDFFF) {
				return r, k + 3
			}
		}
	} else if c >= 0xF0 && c < 0xF5 {
		if n > 3 && s[k+1]&0xC0 == 0x80 && s[k+2]&0xC0 == 0x80 && s[k+3]&0xC0 == 0x80 {
			r = rune(c&0x07)<<18 | rune(s[k+1]&0x3F)<<12 | rune(s[k+2]&0x3F)<<6 | rune(s[k+3]&0x3F)
			if r >= 0x10000 && r <= maxRune {
				return r, k + 4
			}
		}
	}
	return runeError, k + 1
}
