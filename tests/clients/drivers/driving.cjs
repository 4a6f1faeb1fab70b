// What the TypeScript drivers share: what goes in and out is said in driving.py.

const { readFileSync } = require("node:fs");

// What a server says while it works.
class Told {
  all = [];

  progress = ({ progress, total, message }) => {
    this.all.push(["progress", progress, total ?? null, message ?? null]);
  };

  log = ({ params }) => {
    this.all.push(["log", params.level, params.data]);
  };

  asked(message) {
    this.all.push(["asked", message]);
  }
}

// The result of each step, made by `call`, or the error it was answered with.
async function results(steps, call, ServerError) {
  const seen = [];
  for (const [method, params] of steps) {
    try {
      seen.push(await call[method](params));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      seen.push({ error: error.message });
    }
  }
  return seen;
}

// A driver's `main` turns the script into what was seen.
async function run(main) {
  const script = JSON.parse(readFileSync(0, "utf8"));
  console.log(JSON.stringify(await main(script)));
}

module.exports = { Told, results, run };
