#!/usr/bin/env node
/**
 * A coding agent that is nobody's: it speaks the Agent Client Protocol over stdio and asks its model for more for as long as
 * it is answered. `meshwright drill` seats it to see that whoever sits outside is metered too.
 */
import { createInterface } from 'node:readline';

const { ANTHROPIC_BASE_URL: baseUrl, ANTHROPIC_API_KEY: key } = process.env;

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

async function spendAll(text) {
  const messages = [{ role: 'user', content: text }];
  for (;;) {
    const response = await fetch(`${baseUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: 'any', max_tokens: 1_000, messages }),
    });
    if (!response.ok) return;
    const { content } = await response.json();
    messages.push({ role: 'assistant', content }, { role: 'user', content: 'More.' });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize')
    send({ id, result: { protocolVersion: 1, agentCapabilities: { mcpCapabilities: { http: true } } } });
  else if (method === 'session/new') send({ id, result: { sessionId: 'drill' } });
  else if (method === 'session/prompt') {
    await spendAll(params.prompt.map((part) => part.text ?? '').join('\n'));
    send({ id, result: { stopReason: 'end_turn' } });
  } else if (id !== undefined) send({ id, error: { code: -32601, message: `no method ${method}` } });
}
