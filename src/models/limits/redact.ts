const MAX_LENGTH = 300

/** Keys of the common providers, also when they are only partly masked. */
const KEY_SHAPE = /\b(?:sk|pk|gsk|xai|hf)[-_][\w*.-]{4,}|\bAIza[\w*-]{6,}|\bBearer\s+\S+/g

/** What a provider says, safe to log: without `key` and anything shaped like one, cut short. */
export function redact(text: string, key: string | undefined): string {
  const known = key === undefined || key === '' ? text : text.replaceAll(key, '[key]')
  const clean = known.replaceAll(KEY_SHAPE, '[key]')
  return clean.length <= MAX_LENGTH ? clean : `${clean.slice(0, MAX_LENGTH - 1)}…`
}
