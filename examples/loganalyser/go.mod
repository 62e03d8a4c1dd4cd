module loganalyser

go 1.27
