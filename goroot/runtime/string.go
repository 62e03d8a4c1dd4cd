package runtime

const (
	runeError = 0xFFFD
	maxRune   = 0x10FFFF
)

// countrunes is len([]rune(s)).
func countrunes(s string) int {
	n := 0
	for i := 0; i < len(s); n++ {
		if s[i] < 0x80 {
			i++
		} else {
			_, i = decoderune(s, i)
		}
	}
	return n
}

func stringtoslicerune(s string) []rune {
	a := make([]rune, countrunes(s))
	k := 0
	for i := 0; i < len(s); k++ {
		if s[i] < 0x80 {
			a[k] = rune(s[i])
			i++
		} else {
			a[k], i = decoderune(s, i)
		}
	}
	return a
}

func slicerunetostring(a []rune) string {
	n := 0
	var tmp [4]byte
	for i := 0; i < len(a); i++ {
		n += encoderune(&tmp, a[i])
	}
	if n == 0 {
		return ""
	}
	b := make([]byte, n)
	k := 0
	for i := 0; i < len(a); i++ {
		m := encoderune(&tmp, a[i])
		for j := 0; j < m; j++ {
			b[k+j] = tmp[j]
		}
		k += m
	}
	return mkstring(&b[0], n)
}

// encoderune writes r as UTF-8 and returns the number of bytes.
func encoderune(p *[4]byte, r rune) int {
	switch u := uint32(r); {
	case u < 0x80:
		p[0] = byte(u)
		return 1
	case u < 0x800:
		p[0] = 0xC0 | byte(u>>6)
		p[1] = 0x80 | byte(u)&0x3F
		return 2
	case u > maxRune || u >= 0xD800 && u < 0xE000:
		p[0], p[1], p[2] = 0xEF, 0xBF, 0xBD
		return 3
	case u < 0x10000:
		p[0] = 0xE0 | byte(u>>12)
		p[1] = 0x80 | byte(u>>6)&0x3F
		p[2] = 0x80 | byte(u)&0x3F
		return 3
	default:
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
