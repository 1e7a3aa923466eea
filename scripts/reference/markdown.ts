/** First lines of every generated page. */
export function heading(title: string, about: string): string {
  return `<!-- Written by scripts/reference.ts; change the code it reads, not this page. -->\n\n# ${title}\n\n${about}\n`
}

/** A table; cells may hold Markdown, and a pipe in them is escaped. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
): string {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function line(cells: readonly (string | undefined)[]): string {
  const texts = cells.map((cell = '') => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' '))
  return `| ${texts.join(' | ')} |`
}

/** A text in code marks. */
export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

/** Paragraphs and tables, one under the other. */
export function page(...parts: readonly string[]): string {
  return `${parts.map((part) => part.trim()).join('\n\n')}\n`
}

/** A sentence with its full stop. */
export function sentence(text: string): string {
  return /[.:!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`
}
