import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { htmlToText } from './html-text.ts'

const textOf = (html: string): string => htmlToText(html).text

describe('the text of HTML', () => {
  test('has headings, paragraphs and lists as lines', () => {
    const html = `<!doctype html><html><head><title> My &amp;
      title </title><style>p{}</style><script>var a = "<p>no</p>"</script></head>
      <body><nav><a>Home</a></nav><h1>Cool <em>roofs</em></h1>
      <p>One&nbsp;two
         three.</p><p>Four <b>five</b>.</p>
      <ul><li>a</li><li><p>b</p><ul><li>b1</li></ul></li></ul>
      <ol start="3"><li>c</li><li>d</li></ol><h3>End</h3>done</body></html>`
    expect(htmlToText(html)).toMatchObject({
      title: 'My & title',
      text: '# Cool roofs\n\nOne two three.\n\nFour five.\n\n- a\n- b\n  - b1\n\n3. c\n4. d\n\n### End\n\ndone',
    })
  })

  test.each([
    [
      'a table',
      '<table><tr><th>a<th>b</tr><tr><td>1<td><p>2</p></tr></table>x',
      'a | b\n1 | 2\n\nx',
    ],
    ['empty cells', '<table><tr><td>a<td><td>c<tr><td><td>b</table>', 'a |  | c\n | b'],
    ['line breaks', 'a<br>b<br/>c', 'a\nb\nc'],
    ['code', '<p>x<pre>\n  if (a) {\r\n    b\n  }\n</pre><p>y', 'x\n\n  if (a) {\n    b\n  }\n\ny'],
    ['entities', '&lt;b&gt; &euro; &#8364; &eacute; &nosuch;', '<b> € € é &nosuch;'],
    ['invisible letters', 'co\u00ADop\u200Ber&shy;ate', 'cooperate'],
    ['hidden parts', '<p hidden>no<input></p>a<span aria-hidden="true">no</span> b', 'a b'],
    ['inline elements', 'a<b>b</b><i>c</i> <a href="#">d</a>', 'abc d'],
    ['blocks in blocks', '<div><div><div>a</div></div><section>b</section></div>', 'a\nb'],
    ['empty elements', '<h2></h2><p></p><ul><li></li></ul>text', 'text'],
    ['definitions', '<dl><dt>t</dt><dd>d</dd></dl>', 't\nd'],
    ['broken markup', '<p>a<div>b</p></i></div>c<li>d', 'a\n\nb\n\nc\n- d'],
    ['no markup', 'just text', 'just text'],
    ['comments and CDATA', 'a<!-- no --><![CDATA[no]]>b', 'ab'],
  ])('of %s', (_name, html, text) => expect(textOf(html)).toBe(text))

  test('has sections that lie where they say, down to the next heading of their level', () => {
    const { text, sections, title } = htmlToText(
      '<p>before<h1>A</h1><p>a<h2>B</h2><p>b<h2> </h2><h2>C <i>c</i></h2>c<h1>D</h1>',
    )
    expect(title).toBe('A')
    expect(sections.map(({ level, start, end }) => [level, text.slice(start, end)])).toEqual([
      [1, '# A\n\na\n\n## B\n\nb\n\n## C c\n\nc\n\n'],
      [2, '## B\n\nb\n\n'],
      [2, '## C c\n\nc\n\n'],
      [1, '# D'],
    ])
  })

  test.prop([
    fc.array(
      fc.constantFrom(
        '<p>',
        '</p>',
        '<li>',
        '<ul>',
        '</ul>',
        '<td>',
        '<tr>',
        '<h2>',
        '</h2>',
        '<pre>',
        '</pre>',
        '<svg>',
        '</svg>',
        '<br>',
        'word',
        ' ',
        '\n',
      ),
      { maxLength: 60 },
    ),
  ])('keeps all words of any soup, in order, with headings where they are said to be', (pieces) => {
    const html = pieces.join('').replaceAll('<svg>', '')
    const { text, sections } = htmlToText(html)
    const count = (value: string): number => value.split('word').length
    expect(count(text)).toBe(count(html))
    for (const { start, level } of sections) {
      expect(text.slice(start).startsWith(`${'#'.repeat(level)} `)).toBe(true)
    }
  })

  test('is refused when its elements are nested too deep to be parsed in time', () => {
    expect(() => htmlToText('<div>'.repeat(1_000_000), 'bomb.html')).toThrow(
      expect.objectContaining({ code: 'documents.unreadable' }),
    )
  })

  test.each([
    ['nested blocks', '<div>'.repeat(2_000)],
    ['blocks', '<div>x</div>'.repeat(100_000)],
    ['open angle brackets', '<'.repeat(1_000_000)],
    ['lists', '<ul><li>x'.repeat(1_000)],
    ['elements left open', '<font>x<p>'.repeat(1_000)],
    ['attributes', `<p ${'a '.repeat(200_000)}>x`],
    ['spaces', `a${' '.repeat(2_000_000)}b`],
    ['unclosed comments', '<!--'.repeat(200_000)],
    ['headings', '<h1>x</h1>'.repeat(50_000)],
    ['headings left open', '<h1>x'.repeat(2_000)],
  ])('takes no longer for a great many %s', (_name, html) => {
    const since = performance.now()
    htmlToText(html)
    expect(performance.now() - since).toBeLessThan(3_000)
  })
})
