import { expect, it, vi } from "vitest";
import { thrown } from "../testing/core/samples.ts";
import type { GuaranteeName } from "./contract/guarantees.ts";

const REMEDIES = ["ulimit -l", "LimitMEMLOCK=", "--ulimit memlock", "destroy secrets"];

/** What core says of a missing guarantee, as a page loads it or as a server does. */
async function refusal(
  onServer: boolean,
  name: GuaranteeName = "locked",
): Promise<ReturnType<typeof thrown>> {
  vi.resetModules();
  const { openSecrets } = await import("../memories/heap/mod.ts");
  if (onServer) await import("../memories/heap/server_heap.ts");
  return thrown(() => openSecrets({ require: [name] }));
}

it("a lock that is missing has its own code, and on a server the remedy of the system", async () => {
  const { code, message } = await refusal(true);
  expect(code).toBe("ERR_LETHE_LOCK");
  for (const remedy of REMEDIES) expect(message).toContain(remedy);
  const other = await refusal(true, "hidden");
  expect(other.code).toBe("ERR_LETHE_REQUIRE");
  expect(other.message).not.toContain("ulimit");
});

it("a page is told of no limit that it cannot raise", async () => {
  const { code, message } = await refusal(false);
  expect(code).toBe("ERR_LETHE_LOCK");
  expect(message).toMatch(/it requires locked, .*; choose a memory that has it/);
  for (const remedy of REMEDIES) expect(message).not.toContain(remedy);
});
