import type { Cli } from '../cli.ts'
import type { RotateFlags } from '../secrets/secrets.ts'

/** `secrets` */
export function registerSecrets({ program, action }: Cli): void {
  const secrets = program
    .command('secrets')
    .summary('keep secrets for steps, sealed')
    .description('Keeps secrets for steps, sealed; a step names one as { $secret: NAME }.')
  secrets
    .command('ls', { isDefault: true })
    .description('Lists secrets; their values are never shown.')
    .action(
      action(async (context) => {
        const { listSecrets } = await import('../secrets/secrets.ts')
        return listSecrets(context)
      }),
    )
  secrets
    .command('set')
    .description(
      'Keeps a secret, or gives it another value: what standard input holds, or what you type.',
    )
    .argument('<name>', 'capital letters, digits and _, such as GITHUB_TOKEN')
    .addHelpText(
      'after',
      '\nExamples:\n  prsm secrets set GITHUB_TOKEN\n  printf %s "$TOKEN" | prsm secrets set GITHUB_TOKEN',
    )
    .action(
      action(async (context, name: string) => {
        const { setSecret } = await import('../secrets/secrets.ts')
        return setSecret(context, name)
      }),
    )
  secrets
    .command('rm')
    .description('Forgets a secret; steps that name it fail from then on.')
    .argument('<name>', 'as secrets ls shows it')
    .action(
      action(async (context, name: string) => {
        const { removeSecret } = await import('../secrets/secrets.ts')
        return removeSecret(context, name)
      }),
    )
  secrets
    .command('rotate')
    .description(
      'Makes a new key and wraps every secret by it; a rotation that was cut off is finished instead.',
    )
    .option('--master', 'make a new master key, and wrap the keys of all tenants by it')
    .action(
      action(async (context, flags: RotateFlags) => {
        const { rotateSecrets } = await import('../secrets/secrets.ts')
        return rotateSecrets(context, flags)
      }),
    )
}
