# For scripts that run without Node: setting KEY prints the value of a key, "name" or "section.name", in the
# configuration file $config, or nothing. It knows the YAML that such a file is written in, not all of YAML: what
# it cannot read is as if it were not there.
setting() {
  [ -r "$config" ] || return 0
  awk -v wanted="$1" '
    function tell(key, value) {
      sub(/^[ \t]+/, "", key)
      if (key != wanted) return
      sub(/^[ \t]+/, "", value); sub(/(^|[ \t]+)#.*$/, "", value); sub(/[ \t]+$/, "", value)
      if (value ~ /^".*"$/ || value ~ /^\047.*\047$/) value = substr(value, 2, length(value) - 2)
      print value
      exit
    }
    function name(text) { return substr(text, 1, index(text, ":") - 1) }
    function rest(text) { return substr(text, index(text, ":") + 1) }
    { sub(/\r$/, "") }
    /^[A-Za-z]+:[ \t]*\{.*\}/ {
      section = name($0) "."
      inner = rest($0); sub(/^[ \t]*\{[ \t]*/, "", inner); sub(/\}.*$/, "", inner)
      pairs = split(inner, pair, ",")
      for (i = 1; i <= pairs; i++) { sub(/^[ \t]+/, "", pair[i]); tell(section name(pair[i]), rest(pair[i])) }
      next
    }
    /^[A-Za-z]+:[ \t]*(#.*)?$/ { section = name($0) "."; next }
    /^[A-Za-z]+:/ { section = "."; tell(name($0), rest($0)); next }
    /^[ \t]+[A-Za-z]+:/ { line = $0; sub(/^[ \t]+/, "", line); tell(section name(line), rest(line)) }
  ' "$config"
}
