import { describe, expect, test } from 'vitest'

import { outlineMarkdown } from './markdown.ts'

const outlineOf = (text: string): unknown =>
  outlineMarkdown(text).sections.map(({ level, title }) => `${level} ${title}`)

describe('the outline of Markdown', () => {
  test('has sections that lie where they say', () => {
    const text = 'intro\n# One\n\na\r\n## Two ##\r\nb\n\nThree\n-----\nc\n# Four'
    const { title, sections } = outlineMarkdown(text)
    expect(title).toBe('One')
    expect(sections.map(({ start, end }) => text.slice(start, end))).toEqual([
      '# One\n\na\r\n## Two ##\r\nb\n\nThree\n-----\nc\n',
      '## Two ##\r\nb\n\n',
      'Three\n-----\nc\n',
      '# Four',
    ])
  })

  test.each([
    ['front matter', '---\ntitle: "My: title"\ntags: [a]\n---\n# Heading', 'My: title'],
    ['front matter without quotes', "---\nauthor: x\ntitle: It's plain\n...\ntext", "It's plain"],
    ['its first heading', '---\ndate: 1\n---\ntext\n## Sub\n# Main\n# Next', 'Main'],
    ['its first heading of any level', 'text\n### Sub\n#### Other', 'Sub'],
    ['an underlined heading', 'Title here\n===\n\ntext', 'Title here'],
    [
      'a heading with marks',
      '# The `code` of **[links](http://x.test)** __here__',
      'The code of links here',
    ],
    ['nothing', 'just text\n---\n', 'just text'],
    ['no front matter that never ends', '---\ntitle: no\n\n# Yes', 'Yes'],
  ])('has a title from %s', (_name, text, title) => {
    expect(outlineMarkdown(text).title).toBe(title)
  })

  test('has no title where there is no heading', () => {
    expect(outlineMarkdown('text\n\n#hashtag\n')).toEqual({ sections: [] })
  })

  test('looks for headings neither in code nor under lists, quotes and tables', () => {
    const text =
      '```sh\n# no\n~~~\n```\n~~~~\n```\n# no\n~~~~\n# yes\n- item\n---\n> q\n---\n| a |\n---\n    # code\n\n---\n####### seven'
    expect(outlineOf(text)).toEqual(['1 yes'])
  })

  test.each([
    ['brackets', `# ${'['.repeat(300_000)}`],
    ['hashes', '# #'.repeat(200_000)],
    ['underlines', `a\n${'-'.repeat(500_000)}x`],
    ['backticks', '`'.repeat(500_000)],
    ['headings', '# x\n'.repeat(100_000)],
    ['front matter', `---\n${'title:\n'.repeat(100_000)}`],
  ])('takes no longer for a great many %s', (_name, text) => {
    const since = performance.now()
    outlineMarkdown(text)
    expect(performance.now() - since).toBeLessThan(2_000)
  })
})
