package main

// Letters are Unicode's categories L, digits Nd. Nothing else is part of a name.

var größe = 1

func main() {
	x² := 2
	Ⅷ := 8
	e٣ := 3
	٣e := 3
	ⓐ := größe
	y½, 世界 := 0.5, e٣
}
