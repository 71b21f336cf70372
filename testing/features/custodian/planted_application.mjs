// Opens a custodian in a process in which everything is planted, with the module that it is given.
import process from "node:process";

const { openCustodian } = await import(process.argv[2]);
for (const [name, value] of Object.entries(JSON.parse(process.argv[3]))) {
  Object.defineProperty(Object.prototype, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
const custodian = await openCustodian();
process.stdin.on("end", async () => {
  const { code } = await custodian.close();
  process.stdout.write(`closed ${code}\n`);
});
process.stdin.resume();
process.stdout.write(`opened ${process.pid} ${custodian.pid}\n`);
