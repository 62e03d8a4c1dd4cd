package cpu

const CacheLinePadSize = 64

const GOARCH = "amd64"

func doinit() {}
