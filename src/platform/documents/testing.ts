/** Options of {@link makePdf}. */
export interface PdfOptions {
  readonly title?: string
  /** Whether a password is needed to open it. */
  readonly isEncrypted?: boolean
}

/** A small, well-formed PDF with these lines of ASCII on its pages. */
export function makePdf(
  pages: readonly (readonly string[])[],
  { title, isEncrypted = false }: PdfOptions = {},
): Uint8Array {
  const objects: string[] = []
  const add = (content: string): number => objects.push(content)
  const font = add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>')
  const parent = 2 + pages.length * 2
  const kids = pages.map((lines) => {
    const shown = lines.map((line) => `(${line.replaceAll(/[()\\]/g, String.raw`\$&`)}) Tj T*`)
    const content = `BT /F1 12 Tf 72 720 Td 14 TL ${shown.join(' ')} ET`
    const stream = add(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`)
    const resources = `<< /Font << /F1 ${font} 0 R >> >>`
    return add(
      `<< /Type /Page /Parent ${parent} 0 R /MediaBox [0 0 612 792] /Contents ${stream} 0 R /Resources ${resources} >>`,
    )
  })
  add(
    `<< /Type /Pages /Kids [${kids.map((kid) => `${kid} 0 R`).join(' ')}] /Count ${kids.length} >>`,
  )
  const entries = [`/Root ${add(`<< /Type /Catalog /Pages ${parent} 0 R >>`)} 0 R`]
  if (title !== undefined) entries.push(`/Info ${add(`<< /Title (${title}) >>`)} 0 R`)
  if (isEncrypted) {
    const key = `<${'5a'.repeat(32)}>`
    const lock = add(`<< /Filter /Standard /V 1 /R 2 /O ${key} /U ${key} /P -1 >>`)
    entries.push(`/Encrypt ${lock} 0 R /ID [<5a5a> <5a5a>]`)
  }
  return assemble(objects, entries)
}

function assemble(objects: readonly string[], entries: readonly string[]): Uint8Array {
  let text = '%PDF-1.4\n'
  const offsets = objects.map((content, index) => {
    const offset = text.length
    text += `${index + 1} 0 obj\n${content}\nendobj\n`
    return `${offset.toString().padStart(10, '0')} 00000 n \n`
  })
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`
  const trailer = `trailer\n<< /Size ${objects.length + 1} ${entries.join(' ')} >>`
  return new TextEncoder().encode(`${text}${table}${trailer}\nstartxref\n${text.length}\n%%EOF`)
}
