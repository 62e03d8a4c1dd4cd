package runtime

import _ "unsafe" // for go:linkname

// For package crypto and its like.

//go:linkname fips140_fatal crypto/internal/fips140.fatal
func fips140_fatal(s string) { fatal(s) }

//go:linkname fips140_getIndicator crypto/internal/fips140.getIndicator
func fips140_getIndicator() uint8 { return uint8(getg().fips) }

//go:linkname fips140_setIndicator crypto/internal/fips140.setIndicator
func fips140_setIndicator(i uint8) {
	gp := getg()
	gp.fips = gp.fips&^0xff | uint64(i)
}

// fipsBypass is set in g.fips while enforcement is off.
const fipsBypass = 1 << 8

// Whether instructions take the same time for all operands is no choice on amd64: crypto/subtle asks sys.DITSupported and
// calls neither, but its code names them.

//go:linkname subtle_setDITEnabled crypto/subtle.setDITEnabled
func subtle_setDITEnabled() bool { return false }

//go:linkname subtle_setDITDisabled crypto/subtle.setDITDisabled
func subtle_setDITDisabled() {}

//go:linkname fips140deps_monoTime crypto/internal/fips140deps/time.monoTime
func fips140deps_monoTime() int64 { return nanotime() }

//go:linkname fips140_setBypass crypto/fips140.setBypass
func fips140_setBypass() { getg().fips |= fipsBypass }

//go:linkname fips140_isBypassed crypto/fips140.isBypassed
func fips140_isBypassed() bool { return getg().fips&fipsBypass != 0 }

//go:linkname fips140_unsetBypass crypto/fips140.unsetBypass
func fips140_unsetBypass() { getg().fips &^= fipsBypass }

//go:linkname rand_fatal crypto/rand.fatal
func rand_fatal(s string) { fatal(s) }

//go:linkname sysrand_fatal crypto/internal/sysrand.fatal
func sysrand_fatal(s string) { fatal(s) }

// vgetrandom says that there is no getrandom in the vDSO: the system call is used.
func vgetrandom(p []byte, flags uint32) (ret int, supported bool) { return -1, false }

//go:linkname sig_StandardCrypto crypto/internal/boring/sig.StandardCrypto
func sig_StandardCrypto() {}

//go:linkname sig_BoringCrypto crypto/internal/boring/sig.BoringCrypto
func sig_BoringCrypto() {}
