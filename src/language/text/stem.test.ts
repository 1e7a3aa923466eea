import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { stem } from './stem.ts'

describe('stemming', () => {
  // Pairs of the Snowball "english" vocabulary, version 3.1.1.
  test.each([
    ['consignment', 'consign'],
    ['consistency', 'consist'],
    ['knackeries', 'knackeri'],
    ['relational', 'relat'],
    ['generously', 'generous'],
    ['general', 'general'],
    ['communism', 'communism'],
    ['internal', 'internal'],
    ['pasted', 'paste'],
    ['news', 'news'],
    ['skies', 'sky'],
    ['dying', 'die'],
    ['evening', 'evening'],
    ['hopping', 'hop'],
    ['hoping', 'hope'],
    ['adding', 'add'],
    ['exceed', 'exceed'],
    ['agreed', 'agre'],
    ['cries', 'cri'],
    ['ties', 'tie'],
    ['gas', 'gas'],
    ['kiwis', 'kiwi'],
    ['happy', 'happi'],
    ['say', 'say'],
    ['vietnamization', 'vietnam'],
    ['geologist', 'geolog'],
    ['analogously', 'analog'],
    ['effectiveness', 'effect'],
    ['negative', 'negat'],
    ['adoption', 'adopt'],
    ['controllable', 'control'],
    ["patient's", 'patient'],
    ['yearly', 'year'],
  ])('%s gives %s', (word, expected) => expect(stem(word)).toBe(expected))

  test('joins the inflections of a word', () => {
    const forms = ['measure', 'measured', 'measures', 'measuring', 'measurement']
    expect(new Set(forms.map(stem)).size).toBe(1)
  })

  test('leaves words of other alphabets alone', () => {
    expect(['größe', '温度', 'é'].map(stem)).toEqual(['größe', '温度', 'é'])
  })

  test.prop([fc.stringMatching(/^[a-z']{1,20}$/)])(
    'is never longer than the word by more than an e',
    (word) => {
      expect(stem(word).length).toBeLessThanOrEqual(word.length + 1)
    },
  )
})
