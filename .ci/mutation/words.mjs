/** A plug-in of Stryker: sentences for people are not mutated, only what programs read. */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'words', {
    shouldIgnore: (path) => (isSentence(path) ? 'a sentence for people' : undefined),
  }),
];

/** Rows of words that a program splits hold no capital and no stop: those are data. */
function isSentence(path) {
  if (path.isTemplateLiteral()) {
    const text = path.node.quasis.map(({ value }) => value.raw).join('');
    return /\s/.test(text) && /[A-Za-z]{2}/.test(text);
  }
  return path.isStringLiteral() && /\s/.test(path.node.value) && /[A-Z.,:;]/.test(path.node.value);
}
