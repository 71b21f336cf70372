/** The functions of `lethe/custodian` and `lethe/agent`, as {@link Tried}. */
import { bytes, COST, codeOf, fresh, LEAST_COST, MESSAGE, type Tried, told } from "./tried.ts";

const POLICY = ["mayLeave", "uses", "expires"] as const;

export const CUSTODIAN: Readonly<Record<string, Tried>> = {
  generate: {
    names: [...POLICY, "byteLength", "policy"],
    async run({ custodian }) {
      const name = fresh();
      await custodian.generate(name, "key");
      const left = await codeOf(custodian.expose(name, (all) => all.length));
      const bound = fresh();
      await custodian.generate(bound, "key", { mayLeave: true });
      return told(left, await custodian.expose(bound, (all) => all.length));
    },
  },
  put: {
    names: [...POLICY, "secret", "fields", "operation", "answer"],
    async run({ custodian, secrets }) {
      const name = fresh();
      await custodian.put(name, secrets.move(bytes(7)));
      return told(
        await codeOf(custodian.expose(name, (all) => all.length)),
        await custodian.equals(name, secrets.move(bytes(7))),
      );
    },
  },
  prompt: {
    names: [...POLICY, "maxBytes", "mask", "from", "isNew"],
    run: ({ custodian }) => codeOf(custodian.prompt(fresh(), "?", {})),
  },
  "sign, hmac, encrypt, derive, agree": {
    names: [...POLICY, "byteLength", "hash", "padding", "additional", "data"],
    async run({ custodian, secrets }) {
      const [key, pair, derived, agreeing, shared] = [0, 1, 2, 3, 4].map(fresh) as [
        string,
        string,
        string,
        string,
        string,
      ];
      await custodian.put(key, secrets.move(bytes(32)));
      await custodian.generate(pair, "ed25519");
      await custodian.derive(key, derived, bytes(3));
      const publicKey = await custodian.generate(agreeing, "x25519");
      await custodian.agree(agreeing, shared, publicKey);
      const sealed = await custodian.encrypt(key, secrets.move(bytes(5)));
      return told(
        (await custodian.sign(pair, MESSAGE)).length,
        (await custodian.hmac(key, MESSAGE)).expose((all) => all.join()),
        (await custodian.decrypt(key, sealed)).byteLength,
        await codeOf(custodian.expose(shared, (all) => all.length)),
        (await custodian.hmac(derived, MESSAGE)).expose((all) => all.join()),
      );
    },
  },
  verifyPassword: {
    names: [...COST, "mostCost"],
    async run({ custodian, secrets }) {
      const name = fresh();
      await custodian.put(name, secrets.move(bytes(7)));
      const stored = await custodian.hashPassword(name, LEAST_COST);
      return told(
        await custodian.verifyPassword(name, stored),
        await codeOf(custodian.verifyPassword(name, stored.slice(1))),
      );
    },
  },
  status: {
    names: ["most", "count", "secrets", "unlocked", "next", "report"],
    async run({ custodian }) {
      const { secureHeap, unlocked } = await custodian.status();
      return told(typeof secureHeap.total, typeof unlocked, typeof custodian.report.memory);
    },
  },
  openAgent: {
    names: [
      ...["path", "secrets", "confirm", "allow", "onUse", "mostConnections", "mostKeys"],
      ...["comment", "lifetimeSeconds", "rsa", "peer", "arrival", "port", "fd", "host", "unix"],
    ],
    async run({ entry, custodian, secrets }) {
      const name = fresh();
      const publicKey = await custodian.generate(name, "ed25519");
      const agent = await entry.openAgent(custodian, { secrets });
      agent.add(name, { type: "ed25519", publicKey });
      const [key] = agent.keys();
      const { peer, arrival } = agent.report;
      await agent.close();
      return told(
        key?.comment === name,
        key?.type,
        key?.expires,
        key?.confirm,
        typeof peer,
        arrival,
      );
    },
  },
};
