/**
 * Language: sentences, words and retrieval; pure text algorithms without models.
 *
 * @module
 */
export { countTerms, createBm25Index, smoothNeighbours } from './retrieval/bm25.ts'
export { type TermVector, centroid, cosine, createTfidfSpace } from './retrieval/tfidf.ts'
export { splitLines } from './text/lines.ts'
export { type Sentence, splitSentences } from './text/sentences.ts'
export { stem } from './text/stem.ts'
export { languageOf, stopWords } from './text/stop-words.ts'
export { canonical, deniedStem } from './text/synonyms.ts'
export { type Term, type TermReader, createTermReader, readerFor } from './text/terms.ts'
export { type Token, tokenise } from './text/tokens.ts'
