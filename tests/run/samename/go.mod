module samename

go 1.27
