import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { dangerouslyExposeString } from "../../core/dangerous.ts";
import { noPostgres, Postgres } from "../../testing/examples/recipes/postgres.ts";
import { Vault } from "../../testing/features/rotation/vault.ts";
import { SOAK } from "../../testing/tier.ts";
import type { LentRecord } from "./lent_record.ts";
import { type RotatingSecret, rotating } from "./mod.ts";

const CLIENTS = 16;
const OVERLAP = 150;
const ROTATIONS = 20;
const CHANGES = 6;
const why = noPostgres === null ? "" : `NOT RUN, ${noPostgres}: `;

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe.skipIf(noPostgres !== null || !SOAK)(
  `${why}PostgreSQL on loopback, whose login changes while ${CLIENTS} clients work`,
  { timeout: 120_000 },
  () => {
    const root = randomBytes(12).toString("hex");
    let port = 0;
    let server: Postgres;
    let admin: pg.Client;
    const vault = new Vault();
    const secrets = openSecrets();
    let login: RotatingSecret;
    /** Each attempt: the version, and when it began. */
    let attempts: { readonly version: string; readonly at: number; readonly error: unknown }[] = [];
    let replaced = new Map<string, number>();
    let retired = new Set<string>();
    let working = false;

    beforeAll(async () => {
      port = await freePort();
      server = await Postgres.start(root, port);
      for (let tries = 0; ; tries++) {
        admin = new pg.Client({
          ...{ host: "127.0.0.1", port, database: "postgres" },
          ...{ user: "app", password: root },
        });
        try {
          await admin.connect();
          return;
        } catch (error) {
          if (tries === 100) throw error;
          await pause(100);
        }
      }
    }, 60_000);
    afterAll(async () => {
      await admin?.end();
      await server?.stop();
    });

    async function open(): Promise<void> {
      [attempts, replaced, retired] = [[], new Map(), new Set()];
      login = await rotating(secrets, vault, "database", {
        overlap: OVERLAP,
        onEvent(event) {
          if (event.kind === "rotated") replaced.set(`${event.previous}`, performance.now());
          if (event.kind === "retired") retired.add(event.version);
        },
      });
    }

    /** Logs in, works and leaves. */
    async function session(record: LentRecord): Promise<string> {
      const at = performance.now();
      const text = (name: string): string =>
        dangerouslyExposeString(record.field(name), (value) => value);
      const client = new pg.Client({
        ...{ host: "127.0.0.1", port, database: "postgres" },
        ...{ user: text("user"), password: text("password") },
      });
      try {
        await client.connect();
        const { rows } = await client.query("select current_user as name");
        attempts.push({ version: record.version, at, error: null });
        return rows[0].name;
      } catch (error) {
        attempts.push({ version: record.version, at, error });
        throw error;
      } finally {
        await client.end().catch(() => undefined);
      }
    }

    async function work(once: () => Promise<unknown>): Promise<void> {
      while (working) {
        await once();
        await pause(Math.random() * 20);
      }
    }

    it("lets every login through, with two roles in turn, and uses no old one after its overlap", async () => {
      const roles = ["app_a", "app_b"];
      for (const role of roles) await admin.query(`create role ${role}`);
      const change = async (round: number): Promise<string> => {
        const password = randomBytes(12).toString("hex");
        const role = roles[round % 2] ?? "";
        await admin.query(`alter role ${role} login password '${password}'`);
        vault.publish(role, password);
        return password;
      };
      let password = await change(0);
      await open();
      working = true;
      const clients = Array.from({ length: CLIENTS }, () => work(() => login.use(session)));
      for (let round = 1; round <= ROTATIONS; round++) {
        const [old, before] = [password, login.version ?? ""];
        password = await change(round);
        // Once its overlap is over and its last scope has ended, nothing uses it, and it is closed.
        await expect.poll(() => retired.has(before), { timeout: 10_000 }).toBe(true);
        await expect.poll(() => secrets.stats.live, { timeout: 10_000 }).toBe(2);
        await admin.query(`alter role ${roles[(round + 1) % 2]} nologin password null`);
        const late = new pg.Client({
          ...{ host: "127.0.0.1", port, database: "postgres" },
          ...{ user: roles[(round + 1) % 2], password: old },
        });
        await expect(late.connect()).rejects.toThrow(
          /password authentication failed|not permitted/,
        );
      }
      working = false;
      await Promise.all(clients);
      expect(attempts.filter(({ error }) => error !== null)).toEqual([]);
      expect(attempts.length).toBeGreaterThan(CLIENTS * ROTATIONS);
      expect(new Set(attempts.map(({ version }) => version)).size).toBe(ROTATIONS + 1);
      const late = attempts.filter(
        ({ version, at }) => at > (replaced.get(version) ?? Infinity) + OVERLAP,
      );
      expect(late).toEqual([]);
      login.close();
      expect(secrets.stats.live).toBe(0);
    });

    it("lets every session through, with one role, by the version before and a refresh", async () => {
      await admin.query("create role app_one login password 'first'");
      vault.publish("app_one", "first");
      await open();
      const connected = async (): Promise<string> => {
        try {
          return await login.use(async (current, previous) => {
            try {
              return await session(current);
            } catch (error) {
              if (previous === undefined) throw error;
              return await session(previous);
            }
          });
        } catch {
          await login.refresh(); // between the two attempts the server came to know the other
          return await login.use(session);
        }
      };
      working = true;
      const reads = vault.reads;
      const clients = Array.from({ length: CLIENTS }, () => work(connected));
      for (let round = 0; round < CHANGES; round++) {
        const password = randomBytes(12).toString("hex");
        vault.publish("app_one", password); // nobody can change both at the same moment
        await admin.query(`alter role app_one password '${password}'`);
        await pause(1500); // far longer than a session
      }
      working = false;
      await Promise.all(clients); // each rejects with what failed twice
      expect(attempts.filter(({ error }) => error === null).length).toBeGreaterThan(200);
      // Callers who were refused share their reads.
      expect(vault.reads - reads).toBeLessThan((CLIENTS * CHANGES) / 2);
      login.close();
    });
  },
);
