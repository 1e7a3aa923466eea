import { statfs } from 'node:fs/promises'
import { availableParallelism, hostname, totalmem } from 'node:os'

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
    storage_gb: settings.storageGb ?? (await freeDisk(settings.dataDir)),
    network_mbps: settings.networkMbps * times,
  }
  return { host: hostname(), labels, models: servedModels, capacity: toVector(capacity) }
}

async function freeDisk(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return (bavail * bsize) / GIB
}
