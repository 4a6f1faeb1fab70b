"""mcpgen: turns an OpenAPI document into a standalone MCP server package."""
