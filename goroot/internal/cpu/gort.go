package cpu

import _ "unsafe" // for go:linkname

const CacheLinePadSize = 64

const GOARCH = "amd64"

// Bits of cpufeatures; see simd/features.rs.
const (
	featureAES = 1 << iota
	featurePCLMULQDQ
	featureAVX
	featureAVX2
	featureSHA
	featureBMI2
	featureADX
	featureFMA
	featureAVX512F
	featureAVX512BW
	featureAVX512DQ
	featureAVX512VL
	featureGFNI
	featureAVX512BITALG
	featureAVX512VBMI
	featureVAES
	featureVPCLMULQDQ
)

// cpufeatures says what the processor has beyond the baseline, less what GODEBUG takes away.
//
//go:linkname cpufeatures runtime.cpufeatures
func cpufeatures() uint

// Only what natives of the runtime are chosen by is told, and what the assembly of internal/runtime/gc/scan wants: for the
// rest, portable code is all there is.
func init() {
	f := cpufeatures()
	X86.HasAES = f&featureAES != 0
	X86.HasPCLMULQDQ = f&featurePCLMULQDQ != 0
	X86.HasAVX = f&featureAVX != 0
	X86.HasAVX2 = f&featureAVX2 != 0
	X86.HasSHA = f&featureSHA != 0
	X86.HasBMI2 = f&featureBMI2 != 0
	X86.HasADX = f&featureADX != 0
	X86.HasFMA = f&featureFMA != 0
	X86.HasAVX512F = f&featureAVX512F != 0
	X86.HasAVX512BW = f&featureAVX512BW != 0
	X86.HasAVX512DQ = f&featureAVX512DQ != 0
	X86.HasAVX512VL = f&featureAVX512VL != 0
	X86.HasGFNI = f&featureGFNI != 0
	X86.HasAVX512BITALG = f&featureAVX512BITALG != 0
	X86.HasAVX512VBMI = f&featureAVX512VBMI != 0
	X86.HasAVX512VAES = f&featureVAES != 0
	X86.HasAVX512VPCLMULQDQ = f&featureVPCLMULQDQ != 0
	// The baseline, x86-64-v2.
	X86.HasPOPCNT = true
	X86.HasSSE3 = true
	X86.HasSSSE3 = true
	X86.HasSSE41 = true
	X86.HasSSE42 = true
}

func doinit() {}
