import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import { toMicroFtns } from '../../kernel/money.ts'
import { walletOf } from '../../ledger/index.ts'
import { priceList } from '../../pricing/index.ts'
import { decodeCursor, listQuery, toPage } from '../cursor.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { transferPage, wallet, type Wallet } from '../schema.ts'
import { sendJson } from '../send.ts'

const getWallet = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/wallet',
  operationId: 'wallet',
  summary: 'Gives the credit of the tenant',
  tags: ['money'],
  responses: {
    200: { description: 'The wallet', content: { 'application/json': { schema: wallet } } },
  },
})

const listTransfers = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/transfers',
  operationId: 'transfers',
  summary: 'Lists what came into the wallet and what went out of it, newest first',
  tags: ['money'],
  request: { query: listQuery },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: transferPage } } },
  },
})

const getPrices = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/prices',
  operationId: 'prices',
  summary: 'Gives what models and processor time cost',
  tags: ['money'],
  responses: {
    200: { description: 'The price list', content: { 'application/json': { schema: priceList } } },
  },
})

const transferPlace = z.strictObject({ at: z.int(), id: z.string().regex(/^\P{Cc}{1,200}$/u) })

/** Routes of credit and prices. */
export function moneyRoutes({ ledger, pricing }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(getWallet, async (context) =>
    sendJson(context, wallet, await readWallet(ledger, context.var.principal.tenant)),
  )
  app.openapi(listTransfers, async (context) => {
    const { cursor, limit } = context.req.valid('query')
    const before = decodeCursor(transferPlace, cursor)
    const account = walletOf(context.var.principal.tenant)
    const range = { account, limit: limit + 1, ...(before !== undefined && { before }) }
    const found = await ledger.listTransfers(range)
    const page = toPage(found, { limit, placeOf: ({ at, id }) => ({ at, id }) })
    return sendJson(context, transferPage, page)
  })
  app.openapi(getPrices, (context) => sendJson(context, priceList, pricing.list))
  return app
}

/** A tenant that was never given anything has nothing. */
async function readWallet(ledger: ApiDeps['ledger'], tenant: string): Promise<Wallet> {
  const balance = await ledger.findBalance(tenant)
  const none = toMicroFtns(0n)
  return {
    account: walletOf(tenant),
    available: balance?.available ?? none,
    held: balance?.account.debitsPending ?? none,
    received: balance?.account.creditsPosted ?? none,
    spent: balance?.account.debitsPosted ?? none,
  }
}
