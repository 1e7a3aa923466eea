import type { BuiltinAlgorithms } from '../algorithms.ts'

import { answer } from './answer/answer.ts'
import { claims } from './claims/claims.ts'
import { classify } from './classification/classify.ts'
import { extract } from './extraction/extract.ts'
import { relate } from './relations/relate.ts'
import { summarise } from './summary/summarise.ts'
import { keyTerms } from './terms/key-terms.ts'

/** The builtin model's algorithms: pure, synchronous, deterministic. */
export const classicalAlgorithms: BuiltinAlgorithms = {
  summarise,
  answer,
  keyTerms,
  classify,
  extract,
  claims,
  relate: ({ claims: given }) => relate(given),
}
