/** Name of the superuser and of the database made with a data directory. */
export const DATABASE_OWNER = 'prsm'

/** The port in the name of the server's Unix socket, `.s.PGSQL.5432`; no TCP port is opened. */
export const SOCKET_PORT = 5432

const SETTINGS: Readonly<Record<string, string>> = {
  // The only way in is a socket in the folder above the data directory. `trust` in pg_hba.conf is
  // safe because that folder has mode 0700: who can reach the socket can read the files as well.
  // Relative to the data directory, where the server works: no limit on the length of its path, and
  // no need to traverse the folders above it.
  listen_addresses: '',
  unix_socket_directories: '..',
  unix_socket_permissions: '0700',
  port: String(SOCKET_PORT),
  max_connections: '100',

  // What is acknowledged stays, always.
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',

  // Nothing replicates from here, so the log need not carry what only a replica wants.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  // The most a crash leaves to be replayed; four times as much made writing no faster.
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',

  // Small and quick to start; twice the buffers, or worker processes for reading, made writing no
  // faster. The measurements are in README.md.
  shared_buffers: '64MB',
  huge_pages: 'off',
  io_method: 'sync',
  io_max_concurrency: '8',
  jit: 'off',

  // In order of severity a log takes ERROR for less than LOG. A failed statement is the client's
  // business, which hears of it and logs it; here it would fill the disk and carry values of rows.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  log_timezone: 'UTC',
  timezone: 'UTC',
  lc_messages: 'C',
  default_text_search_config: 'pg_catalog.english',
}

/** The server's settings as arguments of `postgres`; they outrank its configuration files. */
export function settingArguments(
  platform: NodeJS.Platform,
  further: Readonly<Record<string, string>>,
): readonly string[] {
  const settings = { ...SETTINGS, ...PLATFORM_SETTINGS[platform], ...further }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

const PLATFORM_SETTINGS: Partial<Record<NodeJS.Platform, Readonly<Record<string, string>>>> = {
  // Not `posix`: in a container /dev/shm is often 64 MB, which a parallel query outgrows.
  linux: { dynamic_shared_memory_type: 'sysv' },
  // Without it macOS leaves flushed data in the cache of the drive.
  darwin: { wal_sync_method: 'fsync_writethrough' },
}
