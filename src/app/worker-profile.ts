import { statfs } from 'node:fs/promises'
import { availableParallelism, hostname, totalmem } from 'node:os'
import { dirname, resolve } from 'node:path'

import { isErrno } from '../kernel/errno.ts'
import { type Amounts, toVector, type WorkerProfile } from '../workflow/index.ts'

import type { Config } from './config.ts'

const GIB = 2 ** 30

/**
 * What this process offers to steps that ask for a worker: what the settings say, and what the
 * machine has where they say nothing. Nobody knows its bandwidth or its GPUs unless told.
 */
export async function readWorkerProfile(settings: Config): Promise<WorkerProfile> {
  const { labels, servedModels, oversubscription: times } = settings
  const capacity: Amounts = {
    cpu_cores: (settings.cores ?? availableParallelism()) * times,
    memory_gb: (settings.memoryGb ?? totalmem() / GIB) * times,
    gpu_units: settings.gpus,
    storage_gb: settings.storageGb ?? (await freeDisk(resolve(settings.dataDir))),
    network_mbps: settings.networkMbps * times,
  }
  return { host: hostname(), labels, models: servedModels, capacity: toVector(capacity) }
}

/** Of the disk on which the folder lies, or will lie once something is put into it. */
async function freeDisk(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return (bavail * bsize) / GIB
  } catch (fault) {
    const parent = dirname(folder)
    if (!isErrno(fault) || fault.code !== 'ENOENT' || parent === folder) throw fault
    return freeDisk(parent)
  }
}
