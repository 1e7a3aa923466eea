/** A language with its own list of stop words. */
export type Language = 'en' | 'de' | 'fr' | 'es'

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '))

/** Words that carry grammar, not matter; negations are among them. */
const STOP_WORDS: Readonly<Record<Language, ReadonlySet<string>>> = {
  en: words(
    'a about above after again against all also although always am among an and another any are ' +
      "aren't around as at away be became because become becomes been before being below between " +
      "both but by came can can't cannot could couldn't did didn't do does doesn't doing don't done " +
      'down due during each either else ever every few for from further get gets given go goes had ' +
      "hadn't has hasn't have haven't having he hence her here hers herself him himself his how " +
      "however i if in indeed instead into is isn't it it's its itself just least less let like made " +
      'make makes many may me might more most much must my myself neither never no nor not now of ' +
      'off often on once one ones only onto or other others otherwise our ours ourselves out over ' +
      'own per perhaps quite rather same she should since so some such than that the their theirs ' +
      'them themselves then there thereby therefore these they this those though through thus to ' +
      "together too toward towards under until up upon us use used uses using very via was wasn't " +
      "we were weren't what when where whereas whether which while who whom whose why will with " +
      "within without won't would yet you your yours yourself",
  ),
  de: words(
    'ab aber alle allem allen aller als also am an andere anderen auch auf aus bei beim bin bis bist ' +
      'da dabei damit dann das dass dem den denn der des dessen die dies diese diesem diesen dieser ' +
      'dieses doch dort du durch ein eine einem einen einer eines er es etwas euch für gegen hab habe ' +
      'haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ist ja ' +
      'jede jedem jeden jeder jedes kann kein keine keinem keinen keiner können machen man mehr mein ' +
      'mich mir mit muss nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen ' +
      'seiner seit selbst sich sie sind so solche soll sondern sonst über um und uns unser unter viel ' +
      'vom von vor war waren was weil wenn werde werden wie wieder will wir wird wo wurde wurden zu zum ' +
      'zur zwar zwischen',
  ),
  fr: words(
    'à ai au aucun aussi autre aux avant avec avoir car ce ceci cela celle celui ces cet cette ceux ' +
      "chaque comme d'un d'une dans de des deux donc dont du elle elles en encore entre est et étaient " +
      "était été être eux fait faire il ils j'ai je jusqu l'on la le les leur leurs lors lui ma mais me " +
      'même mes moi moins mon ne ni non nos notre nous on ont ou où par pas peu peut plus pour pourquoi ' +
      "qu'il qu'elle quand que quel quelle quelles quels qui sa sans se sera ses si sont sous sur ta te " +
      'tes toi ton tous tout toute toutes très tu un une vos votre vous y',
  ),
  es: words(
    'a al algo algunas algunos ante antes como con contra cual cuando de del desde donde dos durante e ' +
      'el él ella ellas ellos en entre era eran es esa esas ese eso esos esta está están estas este ' +
      'esto estos fue fueron ha había han hasta hay la las le les lo los más me mi mis muy nada ni no ' +
      'nos nosotros o os otra otras otro otros para pero poco por porque que qué quien se sea según ser ' +
      'si sí sido sin sobre son su sus también tanto te tiene tienen todo todos tu tus un una uno unos ' +
      'y ya yo',
  ),
}

/** Words looked at to tell the language; enough to be sure, few enough to be quick. */
const SAMPLE_WORDS = 400

/** Stop words of `language`. */
export function stopWords(language: Language): ReadonlySet<string> {
  return STOP_WORDS[language]
}

/** The language whose stop words are most frequent among the first `words`; English on a tie. */
export function languageOf(sample: readonly string[]): Language {
  const first = sample.slice(0, SAMPLE_WORDS)
  let best: Language = 'en'
  let most = first.filter((word) => STOP_WORDS.en.has(word)).length
  for (const language of ['de', 'fr', 'es'] as const) {
    const hits = first.filter((word) => STOP_WORDS[language].has(word)).length
    if (hits > most) [best, most] = [language, hits]
  }
  return best
}
