import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

const SCRIPTS = {
  bash: `_prsm() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(prsm __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _prsm prsm`,
  zsh: `_prsm() {
  local -a candidates
  candidates=(\${(f)"$(prsm __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#candidates} )); then compadd -a candidates; else _files; fi
}
(( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit }
compdef _prsm prsm`,
  fish: `function __prsm_complete
  set -l words (commandline -opc) (commandline -ct)
  prsm __complete -- $words[2..-1] 2>/dev/null
end
complete -c prsm -a '(__prsm_complete)'`,
} as const

/** `prsm completion`: what a shell's start file needs. */
export async function printScript(
  { print }: Context,
  shell: keyof typeof SCRIPTS,
): Promise<ExitCode> {
  print(SCRIPTS[shell])
  return EXIT.done
}
