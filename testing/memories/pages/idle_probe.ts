// Run by idle.test.ts in each runtime: idle_probe.ts <memory> <main|thread>. Says how many kilobytes are
// locked with 600 secrets, after their end, some seconds later, and after another 600 and a purge. Then it
// ends by itself, with pages idle that a timer waits for.
import { openSecrets } from "../../../memories/heap/mod.ts";
import { openKernel, openPages, openSecretmem } from "../../../memories/pages/mod.ts";
import { programArguments, runtimeFfi, say } from "./runtime.ts";
import { inWorker, startWorker } from "./worker.ts";

const [name = "pages", where] = programArguments();

async function idle(memoryName: string): Promise<object> {
  const kernel = openKernel(await runtimeFfi());
  const memory = memoryName === "secretmem" ? openSecretmem(kernel) : openPages(kernel);
  const secrets = openSecrets({ memory });
  const locked = () =>
    Number(/VmLck:\s+(\d+)/.exec(kernel.readText("/proc/self/status") ?? "")?.[1]);
  const live = () => Array.from({ length: 600 }, () => secrets.allocate(32));
  const before = locked();
  const held = live();
  const full = locked();
  for (const secret of held) secret.destroy();
  const kept = locked();
  const until = performance.now() + 20_000;
  while (locked() > before - 4 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const later = locked();
  live();
  secrets.purge();
  return { before, full, kept, later, purged: locked(), leftIdle: secrets.allocate(32).destroy() };
}

if (!(await inWorker((message) => idle(String(message))))) {
  if (where === "thread") {
    const { worker, answer } = await startWorker(import.meta.url);
    say(await answer(name));
    worker.postMessage("close");
  } else say(await idle(name));
}
