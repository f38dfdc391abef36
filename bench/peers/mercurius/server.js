// The peer: Node's mercurius with jit and its own loaders, over the MongoDB documents that gridhall wrote.
// Mercurius joins what one query asks of many accounts in one call of a loader; each loader is one read.

import { readFileSync } from 'node:fs'
import jwt from '@fastify/jwt'
import fastify from 'fastify'
import mercurius from 'mercurius'
import { Binary, MongoClient, UUID } from 'mongodb'

const facts = JSON.parse(readFileSync(process.env.BENCH_FACTS, 'utf8'))
const client = await new MongoClient(process.env.GRIDHALL_MONGO_URI).connect()
const db = client.db(process.env.GRIDHALL_MONGO_DATABASE)
const [customers, accounts, bills, months, inbox] =
  ['customers', 'accounts', 'bills', 'usage_months', 'inbox'].map((name) => db.collection(name))
const EVERY_SLOT = 96

const schema = `
  scalar Date
  scalar DateTime
  scalar Decimal
  scalar Labels
  scalar Numbers
  enum Resolution { DAY }
  enum BillStatus { ISSUED PART_PAID PAID }
  type Query { viewer: Viewer }
  type Viewer { accounts: [Account!]! inbox(first: Int! = 20): InboxConnection! }
  type Account {
    number: String! region: String! role: String! balance: Balance! tier: Tier
    usage(from: Date!, to: Date!, resolution: Resolution! = DAY): Usage
    bills(first: Int! = 12): BillConnection!
  }
  type Balance { owed: Money! prepaid: Money! }
  type Money { yuan: String! }
  type Tier { tier: Int! used: Decimal! remaining: Decimal surcharge: Decimal! tariff: Tariff! }
  type Tariff { title: String! }
  type Usage { total: Float! coverage: Float! labels: Labels! kwh: Numbers! }
  type BillConnection { edges: [BillEdge!]! }
  type BillEdge { node: Bill! }
  type Bill { month: String! kwh: Decimal! status: BillStatus! dueOn: Date total: Money! lines: [BillLine!]! }
  type BillLine { kind: String! period: String tier: Int! kwh: Decimal! price: Decimal! amount: Money! }
  type InboxConnection { edges: [InboxEdge!]! }
  type InboxEdge { node: InboxItem! }
  type InboxItem { kind: String! at: DateTime! title: String! text: String! }
`

const resolvers = {
  Query: {
    viewer: (_root, _args, { customerId }) => customers.findOne({ _id: customerId })
  },
  Viewer: {
    accounts: async (viewer) => {
      const found = await accounts.find({ _id: { $in: viewer.bindings.map((one) => one.account_id) } }).toArray()
      const byId = new Map(found.map((account) => [hex(account._id), account]))
      return viewer.bindings.flatMap(({ account_id: id, role }) => {
        const account = byId.get(hex(id))
        return account ? [{ ...account, role }] : []
      })
    },
    inbox: async (viewer, { first }) => {
      const found = await inbox.find({ customer_id: viewer._id }).sort({ at: -1, _id: -1 }).limit(first).toArray()
      return edges(found)
    }
  },
  Account: {
    region: (account) => facts.regions[account.region],
    balance: (account) => ({ owed: account.owed, prepaid: account.prepaid })
  },
  Money: { yuan: (fen) => (fen / 100).toFixed(2) },
  Bill: { status: (bill) => bill.status.toUpperCase(), dueOn: (bill) => bill.due_on },
  InboxItem: {
    at: (item) => item.at.toISOString().replace(/\.000Z$/, '+00:00').replace(/Z$/, '000+00:00'),
    title: (item) => filled(facts.words.title, item.data),
    text: (item) => filled(facts.words.text, item.data)
  }
}

const loaders = {
  Account: {
    async tier (queries) {
      const today = facts.today
      const year = `${today.slice(0, 4)}-01-01`
      const ids = queries.map(({ obj }) => obj._id)
      const found = await bills.find(
        { account_id: { $in: ids }, month: { $gte: year.slice(0, 7) }, status: { $ne: 'rejected' } }
      ).toArray()
      const billed = grouped(found, (bill) => hex(bill.account_id))
      const standing = queries.map(({ obj }) => {
        const mine = billed.get(hex(obj._id)) ?? []
        const until = [year, obj.kept_since, ...mine.map((bill) => bill.to)].reduce((a, b) => (a > b ? a : b))
        const kwh = mine.reduce((sum, bill) => (bill.from >= year ? sum + Number(bill.kwh) : sum), 0)
        return { pointId: obj.points[0].point_id, from: until, to: today, kwh }
      })
      const days = await daysOf(standing)
      return queries.map(({ obj }, index) => {
        const since = days[index]
        const used = standing[index].kwh * 1000 + since.reduce((sum, day) => sum + day.energy, 0)
        const digits = since.length ? 3 : 0
        const tariff = facts.tariffs[obj.tariffs.at(-1).code]
        const at = tariff.tiers.findIndex(({ upto }) => upto === null || used <= Number(upto) * 1000)
        const { upto, surcharge } = tariff.tiers[at]
        return {
          tier: at + 1,
          used: (used / 1000).toFixed(digits),
          remaining: upto === null ? null : ((Number(upto) * 1000 - used) / 1000).toFixed(digits),
          surcharge,
          tariff
        }
      })
    },
    async usage (queries) {
      const wanted = queries.map(({ obj, params }) => ({ pointId: obj.points[0].point_id, ...params }))
      const days = await daysOf(wanted)
      return wanted.map(({ from, to }, index) => {
        const byDay = new Map(days[index].map((day) => [day.label, day]))
        const labels = []
        for (let at = Date.parse(from); at < Date.parse(to); at += 86_400_000) {
          labels.push(new Date(at).toISOString().slice(0, 10))
        }
        const found = labels.map((label) => byDay.get(label))
        const present = found.reduce((sum, day) => sum + (day ? day.present : 0), 0)
        const expected = found.reduce((sum, day) => sum + (day ? day.expected : EVERY_SLOT), 0)
        return {
          total: found.reduce((sum, day) => sum + (day ? day.energy : 0), 0) / 1000,
          coverage: Math.round(present / expected * 10_000) / 10_000,
          labels,
          kwh: found.map((day) => (day ? day.energy / 1000 : null))
        }
      })
    },
    async bills (queries) {
      const most = Math.max(...queries.map(({ params }) => params.first))
      const found = await bills.aggregate([
        { $match: { account_id: { $in: queries.map(({ obj }) => obj._id) }, status: { $nin: ['held', 'rejected'] } } },
        {
          $group: {
            _id: '$account_id',
            bills: { $topN: { n: most, sortBy: { month: -1, sequence: -1 }, output: '$$ROOT' } }
          }
        }
      ]).toArray()
      const byAccount = new Map(found.map((row) => [hex(row._id), row.bills]))
      return queries.map(({ obj, params }) => edges((byAccount.get(hex(obj._id)) ?? []).slice(0, params.first)))
    }
  }
}

function edges (nodes) {
  return { edges: nodes.map((node) => ({ node })) }
}

function hex (id) {
  return id.toString('hex')
}

function grouped (documents, key) {
  const groups = new Map()
  for (const document of documents) {
    const group = groups.get(key(document))
    if (group) group.push(document)
    else groups.set(key(document), [document])
  }
  return groups
}

const yuan = (fen) => '¥' + (fen / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

function filled (words, data) {
  const facts = { ...data, kwh: `${data.kwh} kWh`, total: yuan(data.total), to_pay: yuan(data.to_pay) }
  return words.replace(/\{(\w+)\}/g, (_place, name) => facts[name])
}

function monthKeys (pointId, from, to) {
  const number = (day) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1
  const keys = []
  for (let month = number(from); month <= number(to); month++) {
    const key = Buffer.alloc(21)
    key.set(pointId.buffer.subarray(0, 16))
    key[16] = 1
    key.writeUInt32BE(month, 17)
    keys.push(new Binary(key))
  }
  return keys
}

// One read for the days of many points: a list of { label, present, expected, energy } for each.
async function daysOf (wanted) {
  const keys = wanted.flatMap(({ pointId, from, to }) => monthKeys(pointId, from, to))
  const found = await months.find({ _id: { $in: keys } }).toArray()
  const byPoint = grouped(found, ({ _id }) => Buffer.from(_id.buffer).toString('hex', 0, 16))
  return wanted.map(({ pointId, from, to }) => {
    const days = []
    for (const { _id, days: kept } of byPoint.get(hex(pointId).replaceAll('-', '')) ?? []) {
      const month = Buffer.from(_id.buffer).readUInt32BE(17)
      const prefix = `${Math.floor(month / 12)}-${String(month % 12 + 1).padStart(2, '0')}-`
      for (const [number, entry] of Object.entries(kept)) {
        const label = prefix + number.padStart(2, '0')
        if (label < from || label >= to) continue
        const energy = Object.values(entry[5]).reduce((sum, one) => sum + one, 0)
        days.push({ label, present: entry[2], expected: entry[3], energy })
      }
    }
    return days
  })
}

const app = fastify()
app.register(jwt, {
  secret: { public: facts.key },
  verify: { algorithms: ['EdDSA'], allowedIss: facts.iss, allowedAud: facts.aud }
})
app.register(mercurius, {
  schema,
  resolvers,
  loaders,
  jit: 1,
  context: async (request) => {
    const claims = await request.jwtVerify()
    return { customerId: new UUID(claims.sub) }
  }
})
await app.listen({ port: Number(process.env.BENCH_PORT), host: '127.0.0.1' })
