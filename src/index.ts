/**
 * PRSM inside your program: durable, priced workflows of typed steps.
 *
 * @module
 */
export { type OpenOptions, openPrsm, type Prsm } from './app/embed.ts'
export { RunFailedError, RunLeftError } from './app/errors.ts'
export {
  type CodeWorkflow,
  defineStepKind,
  defineWorkflow,
  type StepCall,
  type StepKind,
  type StepTask,
} from './workflow/index.ts'
