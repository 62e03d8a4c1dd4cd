package runtime

import _ "unsafe"

// For package internal/godebug: the settings of the build and those of the environment.

// godebugDefault is set by the build, from //go:debug lines and go.mod.
var godebugDefault string

var (
	godebugUpdate func(def, env string)
	// What os.Setenv has made of GODEBUG, once it has.
	godebugEnv    string
	godebugEnvSet bool
)

//go:linkname godebug_setUpdate internal/godebug.setUpdate
func godebug_setUpdate(update func(def, env string)) {
	godebugUpdate = update
	env := godebugEnv
	if !godebugEnvSet {
		env = startGodebug()
	}
	update(godebugDefault, env)
}

// startGodebug is the value of GODEBUG that the process was started with.
func startGodebug() string {
	const name = "GODEBUG="
	for _, kv := range syscall_runtime_envs() {
		if len(kv) >= len(name) && kv[:len(name)] == name {
			return kv[len(name):]
		}
	}
	return ""
}

// godebugValue is a setting's value: the environment's, else the build's.
func godebugValue(name string) string {
	env := godebugEnv
	if !godebugEnvSet {
		env = startGodebug()
	}
	if value, ok := lastSetting(env, name); ok {
		return value
	}
	value, _ := lastSetting(godebugDefault, name)
	return value
}

// lastSetting finds name=value in a list separated by commas, from its end.
func lastSetting(list, name string) (value string, ok bool) {
	end := len(list)
	for i := end - 1; i >= -1; i-- {
		if i >= 0 && list[i] != ',' {
			continue
		}
		item := list[i+1 : end]
		if len(item) > len(name) && item[len(name)] == '=' && item[:len(name)] == name {
			return item[len(name)+1:], true
		}
		end = max(i, 0)
	}
	return "", false
}

// godebugSet is told of changes of the environment.
func godebugSet(key, value string) {
	if key != "GODEBUG" {
		return
	}
	godebugEnv, godebugEnvSet = value, true
	if godebugUpdate != nil {
		godebugUpdate(godebugDefault, value)
	}
}

//go:linkname godebug_registerMetric internal/godebug.registerMetric
func godebug_registerMetric(name string, read func() uint64) { registerMetric(name, read) }

//go:linkname godebug_setNewIncNonDefault internal/godebug.setNewIncNonDefault
func godebug_setNewIncNonDefault(f func(string) func()) {}
