module example.org/embedded

go 1.27

godebug asynctimerchan=0
