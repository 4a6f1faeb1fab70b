// Drives the TypeScript SDK 1.x; see driving.py for what goes in and out.

const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const { SSEClientTransport } = require("@modelcontextprotocol/sdk/client/sse.js");
const { StdioClientTransport } = require("@modelcontextprotocol/sdk/client/stdio.js");
const {
  StreamableHTTPClientTransport,
} = require("@modelcontextprotocol/sdk/client/streamableHttp.js");
const {
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
  McpError,
} = require("@modelcontextprotocol/sdk/types.js");
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
    { name: "typescript1", version: "1" },
    { capabilities: { elicitation: {} } },
  );
  client.setNotificationHandler(LoggingMessageNotificationSchema, told.log);
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    told.asked(params.message);
    return { action: "accept", content: script.answer };
  });

  const transport = connection(script.server, script.transport);
  const agreed = transport.setProtocolVersion?.bind(transport);
  let protocol;
  transport.setProtocolVersion = (version) => {
    protocol = version;
    agreed?.(version);
  };
  await client.connect(transport);
  await client.setLoggingLevel("info");

  const call = {
    "tools/list": (params) => client.listTools(params),
    "tools/call": (params) =>
      client.callTool(params, undefined, { onprogress: told.progress }),
    "resources/list": (params) => client.listResources(params),
    "resources/templates/list": (params) => client.listResourceTemplates(params),
    "resources/read": (params) => client.readResource(params),
    "prompts/list": (params) => client.listPrompts(params),
    "prompts/get": (params) => client.getPrompt(params),
    "completion/complete": (params) => client.complete(params),
  };
  const seen = {
    protocol,
    server: client.getServerVersion().name,
    results: await results(script.steps, call, McpError),
    told: told.all,
  };
  await client.close();
  return seen;
}

run(main);
