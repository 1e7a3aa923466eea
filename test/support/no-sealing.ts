import type { WorkflowsDeps } from '../../src/workflow/index.ts'

/** For workflows without sensitive inputs: whoever seals something meets a fault. */
export const noSealing: WorkflowsDeps['sealing'] = {
  seal: () => Promise.reject(new TypeError('nothing is to be sealed here')),
  open: () => Promise.reject(new TypeError('nothing is sealed here')),
}
