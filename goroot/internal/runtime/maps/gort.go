package maps

func checkMasksAndShiftsAlignment() bool { return true }
