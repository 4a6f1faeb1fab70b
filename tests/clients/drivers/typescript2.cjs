// Drives the TypeScript SDK 2.x; see driving.py for what goes in and out.

const {
  Client,
  ProtocolError,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} = require("@modelcontextprotocol/client");
const { StdioClientTransport } = require("@modelcontextprotocol/client/stdio");
const { Told, results, run } = require("./driving.cjs");

function connection(server, transport) {
  if (transport === "stdio") return new StdioClientTransport(server);
  const Http =
    transport === "sse" ? SSEClientTransport : StreamableHTTPClientTransport;
  return new Http(new URL(server.url));
}

async function main(script) {
  const told = new Told();
  const client = new Client(
    { name: "typescript2", version: "1" },
    {
      capabilities: { elicitation: {} },
      versionNegotiation: { mode: script.mode },
    },
  );
  client.setNotificationHandler("notifications/message", told.log);
  client.setRequestHandler("elicitation/create", ({ params }) => {
    told.asked(params.message);
    return { action: "accept", content: script.answer };
  });
  await client.connect(connection(script.server, script.transport));

  let _meta;
  if (script.mode === "legacy") await client.setLoggingLevel("info");
  else _meta = { "io.modelcontextprotocol/logLevel": "info" };

  const call = {
    "tools/list": (params) => client.listTools(params),
    "tools/call": (params) =>
      client.callTool({ ...params, _meta }, { onprogress: told.progress }),
    "resources/list": (params) => client.listResources(params),
    "resources/templates/list": (params) => client.listResourceTemplates(params),
    "resources/read": (params) => client.readResource(params),
    "prompts/list": (params) => client.listPrompts(params),
    "prompts/get": (params) => client.getPrompt(params),
    "completion/complete": (params) => client.complete(params),
  };
  const seen = {
    protocol: client.getNegotiatedProtocolVersion(),
    server: client.getServerVersion().name,
    results: await results(script.steps, call, ProtocolError),
    told: told.all,
  };
  await client.close();
  return seen;
}

run(main);
