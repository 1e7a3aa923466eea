/**
 * Context: keeps prompts small without losing what is needed.
 *
 * @module
 */
export { compress, type Compressed, type CompressOptions, type Passage } from './compress.ts'
