import { z } from 'zod'

import { microFtns } from '../kernel/money.ts'

const accountId = z
  .string()
  .regex(/^[a-z0-9_-]{1,64}:[a-z0-9_./-]{1,128}$/)
  .describe('Tenant and name: `acme:wallet`')

const key = z.string().min(1).max(200).describe('Names one effect; a repeat has no further effect')

/** Why money moved. */
export const transferReason = z.enum(['mint', 'charge', 'transfer']).meta({ id: 'TransferReason' })

/** An account and its balance. Amounts are whole micro-FTNS. */
export const account = z
  .strictObject({
    id: accountId,
    tenant: z.string(),
    mayOverdraw: z.boolean().describe('Whether debits may exceed credits: system accounts only'),
    debitsPending: microFtns.describe('Held for payments that are not made yet'),
    debitsPosted: microFtns,
    creditsPosted: microFtns,
  })
  .meta({ id: 'Account' })

/** A posted movement from one account to another. */
export const transfer = z
  .strictObject({
    id: key,
    tenant: z.string(),
    debit: accountId,
    credit: accountId,
    amount: microFtns,
    reason: transferReason,
    hold: key.optional().describe('The hold it was captured from'),
    memo: z.string().max(500).optional(),
    at: z.int().describe('Unix epoch, milliseconds'),
  })
  .meta({ id: 'Transfer' })

/** Credit set aside for one purpose, so that it cannot be spent on another. */
export const hold = z
  .strictObject({
    id: key,
    account: accountId,
    placed: microFtns.describe('Set aside at first'),
    amount: microFtns.describe('Set aside in all, extensions included'),
    captured: microFtns.describe('Paid out of it so far'),
    isOpen: z.boolean(),
    at: z.int().describe('Unix epoch, milliseconds'),
  })
  .meta({ id: 'Hold' })

export type AccountId = z.output<typeof accountId>
export type TransferReason = z.output<typeof transferReason>
export type Account = z.output<typeof account>
export type Transfer = z.output<typeof transfer>
export type Hold = z.output<typeof hold>
