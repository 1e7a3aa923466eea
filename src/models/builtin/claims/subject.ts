import { type Term, type TermReader } from '../../../language/index.ts'
import { directionOfWord } from '../quantities/change-words.ts'
import type { Quantity } from '../quantities/quantity.ts'
import { findUnit } from '../quantities/units.ts'

/** Words of reporting, reasoning and counting: they say nothing of the matter itself. Stems. */
const GENERIC = new Set(
  (
    'find found show shown report studi result measur averag mean valu figur total overal differ compar ' +
    'comparison relat respect signific significantli observ note notic conclus conclud evid data case ' +
    'exampl fact way thing part kind sort number amount level rang interv per cent percent point main ' +
    'mainli general generali typic typicali usual larg small high low good great littl clear clearli ' +
    'one two three four five six seven eight nine ten first second third half quarter doubl twice time ' +
    'may might could suggest appear seem like possibl probabl say said tell told see seen know known ' +
    'think thought give given take taken come came go went gone put turn well even still alreadi also ' +
    'yet far long short new old certain indic reveal confirm demonstr wherea despit unlik accord degre ' +
    'approxim near nearli roughli almost short case point order term end begin start'
  ).split(' '),
)

/** Longest word taken for one, in characters. */
const MAX_WORD = 60

/** The terms of `text` that name what it is about, in order, each stem once. */
export function subjectTerms(
  reader: TermReader,
  text: string,
  amounts: readonly Quantity[],
): readonly Term[] {
  const seen = new Set<string>()
  return reader.terms(text).filter((term) => {
    const isAmount = amounts.some(({ start, end }) => term.start >= start && term.end <= end)
    if (isAmount || seen.has(term.stem) || !isMatter(term)) return false
    seen.add(term.stem)
    return true
  })
}

function isMatter({ text, stem }: Term): boolean {
  if (text.length < 2 || text.length > MAX_WORD || /^\p{Nd}/u.test(text) || GENERIC.has(stem))
    return false
  return directionOfWord(text) === undefined && findUnit(text)?.kind !== 'time'
}
