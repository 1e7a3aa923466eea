import { Marked } from 'marked'

/**
 * The files of the digest: Markdown, a page, and everything that was found as data.
 *
 * @throws when a quote does not stand in its source: such a digest must not be handed on.
 */
export default function render({
  title,
  markdown,
  citations,
  collected,
  checked,
  relations,
  kept,
}) {
  const missing = checked.flatMap(({ doc, missing: quotes }) =>
    quotes.map((quote) => `${doc}: “${quote}”`),
  )
  if (missing.length > 0)
    throw new Error(`${missing.length} quotes are not in their sources: ${missing.join('; ')}`)
  const quotes = checked.reduce((sum, each) => sum + each.quotes, 0)
  const summary = {
    documents: collected.read,
    withoutClaims: collected.silent,
    claims: collected.found,
    compared: collected.claims.length,
    agreements: relations.agreements.length,
    contradictions: relations.contradictions.length,
    unsupported: relations.unsupported.length,
    cited: citations.length,
    quotesVerified: quotes,
  }
  const text = `${markdown.trimEnd()}\n\n${about(summary, kept)}\n`
  return {
    summary,
    files: [
      { path: 'digest.md', content: text },
      { path: 'digest.html', content: page(title, text) },
      { path: 'findings.json', content: { summary, claims: collected.claims, relations } },
    ],
  }
}

function about(summary, kept) {
  const { documents, withoutClaims, claims, compared, quotesVerified } = summary
  const lines = [
    '## About this digest',
    '',
    `- ${documents} documents were read; they hold ${claims} claims, of which ${compared} were compared and the writer read ${kept}.`,
    `- ${quotesVerified} of ${quotesVerified} quotes were found, letter by letter, in their sources.`,
  ]
  if (withoutClaims.length > 0)
    lines.push(`- No claims were found in: ${withoutClaims.map(escapeMarkdown).join(', ')}.`)
  return lines.join('\n')
}

function escapeMarkdown(text) {
  return text.replace(/[\\`*_{}[\]<>()#|~]/g, '\\$&')
}

function page(title, markdown) {
  const marked = new Marked({
    gfm: true,
    renderer: {
      // The text quotes documents of others: their markup is shown, never obeyed.
      html: ({ text }) => escapeHtml(text),
      image: ({ text }) => escapeHtml(text),
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens)
        return /^(?:https?:|mailto:|#)/i.test(href)
          ? `<a href="${escapeHtml(href)}" rel="nofollow noopener">${inner}</a>`
          : inner
      },
    },
  })
  const body = marked
    .parse(markdown)
    .replaceAll(/<li>\s*\[(\d+)\]/g, '<li id="source-$1">[$1]')
    .replaceAll(/(?<!">)\[(\d+)\]/g, '<a class="cite" href="#source-$1">[$1]</a>')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark }
body { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 4rem; font: 1rem/1.6 system-ui, sans-serif }
h1 { line-height: 1.2 } h2 { margin-top: 2.5rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
li { margin: .4rem 0 } .cite { text-decoration: none; font-size: .8em; vertical-align: super }
:target { background: color-mix(in srgb, gold 35%, transparent) }
</style>
</head>
<body>
${body}</body>
</html>
`
}

function escapeHtml(text) {
  const names = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replace(/[&<>"']/g, (letter) => names[letter])
}
