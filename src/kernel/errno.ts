/** Whether a fault comes from the operating system: it has a code such as `ENOENT`. */
export function isErrno(fault: unknown): fault is NodeJS.ErrnoException {
  return fault instanceof Error && 'code' in fault
}
