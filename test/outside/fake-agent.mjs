#!/usr/bin/env node
/**
 * A coding agent for tests that speaks the Agent Client Protocol without any library, well or badly as its first argument says.
 * It asks its model and our MCP server the way real ones do, and appends what happened to it to `agent.txt` in its workspace.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const way = process.argv[2] ?? 'works';
let nextId = 1;
let session = { id: '', cwd: '', mcp: null };
let prompts = 0;
let prompt = '';
const waiting = new Map();

function send(message) {
  return new Promise((resolve) => {
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`, resolve);
  });
}

function ask(method, params) {
  const id = nextId++;
  void send({ id, method, params });
  return new Promise((resolve) => waiting.set(id, resolve));
}

function update(fields) {
  return send({ method: 'session/update', params: { sessionId: session.id, update: fields } });
}

const say = (text) => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
const write = (text) => appendFileSync('agent.txt', `${text}\n`);

function callModel(text) {
  return converse([{ role: 'user', content: text }]);
}

async function converse(messages) {
  const { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key } = process.env;
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({
      model: 'whatever-it-likes',
      max_tokens: 500,
      tools: [{ name: 'look', description: 'Looks', input_schema: { type: 'object' } }],
      messages,
    }),
  });
  const body = await response.json();
  return { status: response.status, text: body.content?.[0]?.text ?? body.error?.message };
}

async function callMcp(tool, input) {
  const { url, headers } = session.mcp;
  const rpc = async (method, params, id) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...Object.fromEntries(headers.map(({ name, value }) => [name, value])),
      },
      body: JSON.stringify({ jsonrpc: '2.0', ...(id && { id }), method, params }),
    });
    const text = await response.text();
    const data = /^data: (.*)$/m.exec(text)?.[1] ?? text;
    return data === '' ? null : JSON.parse(data);
  };
  const clientInfo = { name: 'fake', version: '1' };
  await rpc('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }, 1);
  await rpc('notifications/initialized', {});
  const answer = await rpc('tools/call', { name: tool, arguments: input }, 2);
  return answer.result?.content?.[0]?.text ?? JSON.stringify(answer);
}

const option = (label) => ({ label, trade_off: 'It can be changed later.' });

function question(more) {
  const about = { kind: 'requirement_ambiguity', topic: 'export.timezone', title: 'time zone of the export' };
  const text = { building: 'The export.', question: 'Which time zone has it?', unblocks: 'Any of them.' };
  const options = [option('Export UTC with a timezone label'), option("Export the patient's local time")];
  return { ...about, ...text, why_you: 'It is about the product.', options, default: 1, ...more };
}

async function goByAnswer(input) {
  const told = /^Q-\d+ was answered by .*$/m.exec(prompt)?.[0] ?? (await callMcp('ask', input));
  write(told);
  if (!told.startsWith('asked')) await callMcp('deliver', { name: 'notes.md', content: told });
}

/** Asks, and reports the call as done or failed. */
async function useTool(id, { kind, title, rawInput, path }) {
  const locations = path === undefined ? [] : [{ path }];
  const toolCall = { toolCallId: id, kind, title, rawInput, locations };
  await update({ sessionUpdate: 'tool_call', ...toolCall, status: 'pending' });
  const options = [
    { optionId: 'always', name: 'Always', kind: 'allow_always' },
    { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
    { optionId: 'no', name: 'No', kind: 'reject_once' },
  ];
  const { result } = await ask('session/request_permission', { sessionId: session.id, toolCall, options });
  const isAllowed = result.outcome.optionId === 'yes';
  await update({
    sessionUpdate: 'tool_call_update',
    toolCallId: id,
    status: isAllowed ? 'completed' : 'failed',
  });
  return isAllowed;
}

const ways = {
  async works() {
    const { status, text } = await callModel('What shall I do?');
    await say(`The model said ${status}: ${text}. `);
    const path = `${session.cwd}/made.txt`;
    const edit = { kind: 'edit', title: 'Write made.txt', rawInput: { file_path: path }, path };
    if (await useTool('t1', edit)) writeFileSync(path, 'made by the fake agent\n');
    const run = (command) => ({ kind: 'execute', title: command, rawInput: { command } });
    write(`ls: ${await useTool('t2', run('ls'))}`);
    write(`curl: ${await useTool('t3', run('curl http://example.org'))}`);
    const outside = {
      kind: 'edit',
      title: 'Write',
      rawInput: { file_path: '/etc/passwd' },
      path: '/etc/passwd',
    };
    write(`passwd: ${await useTool('t4', outside)}`);
    await say(await callMcp('deliver', { name: 'notes.md', content: 'made it' }));
  },
  /** Tells everybody the key by which it reaches its gateway. */
  async blurts() {
    const { ANTHROPIC_API_KEY: key } = process.env;
    await say(`My key is ${key}.`);
    const { text } = await callModel(`My key is ${key}.`);
    await say(text);
    await callMcp('deliver', { name: 'notes.md', content: `My key is ${key}.` });
  },
  /** Delivers only when it is asked a second time. */
  async lazy() {
    write(`turn ${prompts}`);
    if (prompts === 1) return say('I forgot something.');
    await callMcp('deliver', { name: 'notes.md', content: 'late' });
    await say('Now it is there.');
  },
  /** Stops at a refusal, as some do, and goes on when it is told to. */
  async timid() {
    if (prompts === 1) {
      await callMcp('deliver', { name: 'notes.md', content: 'early' });
      await useTool('t1', {
        kind: 'execute',
        title: 'curl',
        rawInput: { command: 'curl http://example.org' },
      });
    } else {
      write('another way');
      await say('I went another way.');
    }
  },
  async never_delivers() {
    await say(`That was turn ${prompts}.`);
  },
  /** As if all were well, whatever its model said. */
  async spends() {
    for (let call = 0; call < 50; call += 1) {
      const { status } = await callModel(`Call ${prompts}/${call}`);
      write(`model ${status}`);
      if (status !== 200) break;
    }
    await say('All done!');
  },
  /** The same call with the same result, again and again. */
  async circles() {
    const messages = [{ role: 'user', content: 'Go on.' }];
    for (let call = 0; call < 20; call += 1) {
      const { status } = await converse(messages);
      if (status !== 200) break;
      const id = `call-${call}`;
      messages.push(
        { role: 'assistant', content: [{ type: 'tool_use', id, name: 'look', input: { at: 'a.txt' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'as before' }] },
      );
    }
    await say('All done!');
  },
  async crashes() {
    await say('I begin.');
    process.stderr.write('warning: something\npanic: out of ideas\n');
    process.exit(3);
  },
  async junk() {
    for (let line = 0; line < 3_000; line += 1) process.stdout.write(`this is no message ${line}\n`);
    await new Promise(() => {});
  },
  async floods() {
    for (let call = 0; ; call += 1) {
      await update({
        sessionUpdate: 'tool_call',
        toolCallId: `t${call}`,
        title: 'spam',
        status: 'completed',
      });
    }
  },
  async huge() {
    await say('x'.repeat(40 * 1024 * 1024));
    await new Promise(() => {});
  },
  /** Asks for what it was not lent, and answers what nobody asked. */
  async reaches() {
    const lent = [
      await ask('fs/read_text_file', { sessionId: session.id, path: '/etc/passwd' }),
      await ask('fs/write_text_file', { sessionId: session.id, path: '/tmp/x', content: 'x' }),
      await ask('terminal/create', { sessionId: session.id, command: 'id' }),
    ];
    for (const { error } of lent) write(`refused ${error.code}`);
    await send({ id: 4242, result: {} });
    await send({ method: 'session/update', params: 'nonsense' });
    await send({
      method: 'session/update',
      params: { update: { sessionUpdate: 'tool_call', toolCallId: 7 } },
    });
    await callMcp('deliver', { name: 'notes.md', content: 'tried' });
    await say('Nothing was lent.');
  },
  /** Leaves half of it, and waits; in a later session there is a half already. */
  async resumes() {
    if (existsSync('half.txt')) {
      writeFileSync('whole.txt', 'whole\n');
      await callMcp('deliver', { name: 'notes.md', content: 'whole' });
      return say('Now it is whole.');
    }
    await callModel('paid once');
    await say('Half of it is done.');
    writeFileSync('half.txt', 'half\n');
    await new Promise(() => setInterval(() => {}, 1_000));
  },
  /** Asks a person and ends its turn; told the answer, it does what that says. */
  asks: () => goByAnswer(question()),
  asks_compliance() {
    const { options, default: _, ...plain } = question({ kind: 'compliance_question' });
    const rest = { reference: 'HIPAA § 164.312(b)', suggestion: 'Log a keyed hash.' };
    return goByAnswer({ ...plain, compliance: { access_pattern: 'Ids go to the log.', ...rest } });
  },
  async asks_and_crashes() {
    await goByAnswer(question());
    if (!/was answered by/.test(prompt)) process.exit(3);
  },
  /** Once it knows which way, it has another question. */
  async asks_again() {
    write(await callMcp('ask', question()));
    write(await callMcp('ask', question({ topic: 'export.name', question: 'How is it called?' })));
    if (/Q-2 was answered/.test(prompt)) await callMcp('deliver', { name: 'notes.md', content: prompt });
  },
  /** Leaves things out, then does without. */
  async asks_badly() {
    write(await callMcp('ask', { ...question(), topic: 'timezone', why_you: '' }));
    write(await callMcp('decline', { stance: 'refuse', what: 'Delete the audit log' }));
    await callMcp('deliver', { name: 'notes.md', content: 'without an answer' });
  },
  /** Asks, and works on as long as nobody says `go`. */
  async asks_on() {
    if (/was answered by/.test(prompt)) {
      write(prompts === 1 ? 'told in a new session' : 'told in the same session');
      return callMcp('deliver', { name: 'notes.md', content: 'late' });
    }
    write(await callMcp('ask', question()));
    while (!existsSync('go.txt')) await new Promise((resolve) => setTimeout(resolve, 50));
  },
  /** Tries what people have to approve by itself, then asks for it; when it is told what became of it, it hands that in. */
  async publishes() {
    const became = /^What became of A-\d+.*\n.*$/gm.exec(prompt)?.[0];
    if (became !== undefined) {
      write(became);
      return callMcp('deliver', { name: 'notes.md', content: became });
    }
    const command = 'sh publish.sh';
    write(`itself: ${await useTool('t1', { kind: 'execute', title: command, rawInput: { command } })}`);
    write(await callMcp('shell', { command }));
  },
  async publishes_and_crashes() {
    await ways.publishes();
    if (!/What became of/.test(prompt)) process.exit(3);
  },
  /** The same thing twice, each time with another yes; and something else while the first is open. */
  async publishes_twice() {
    const became = [...prompt.matchAll(/^What became of (A-\d+)/gm)].map(([, ask]) => ask);
    if (became.length === 2) return callMcp('deliver', { name: 'notes.md', content: became.join() });
    write(await callMcp('shell', { command: 'sh publish.sh' }));
    write(await callMcp('shell', { command: 'sh publish.sh --again' }));
    write(await callMcp('shell', { command: 'echo at once' }));
  },
  async refuses() {
    const what = { what: 'Delete the audit log', why: 'It must be kept.', needed: 'Another brief.' };
    await callMcp('decline', { stance: 'refuse', ...what });
  },
  /** Neither ends nor listens; a child of it neither. */
  async deaf() {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
    spawn('sh', ['-c', "trap '' TERM; while :; do date >> ticks.txt; sleep 0.05; done"], { detached: true });
    await say('I never end.');
    await new Promise(() => setInterval(() => {}, 1_000));
  },
};

const handlers = {
  initialize: () => ({
    protocolVersion: way === 'old' ? 0 : 1,
    agentCapabilities: { mcpCapabilities: { http: way !== 'no_mcp' } },
    agentInfo: { name: 'fake-agent', version: '1.2.3' },
  }),
  'session/new': ({ cwd, mcpServers }) => {
    session = { id: `s-${process.pid}`, cwd, mcp: mcpServers[0] };
    return { sessionId: session.id };
  },
  'session/prompt': async (params) => {
    prompts += 1;
    prompt = params.prompt[0].text;
    await ways[way]();
    return { stopReason: 'end_turn' };
  },
};

createInterface({ input: process.stdin }).on('line', async (text) => {
  const message = JSON.parse(text);
  if (message.method === undefined) {
    waiting.get(message.id)?.(message);
    return;
  }
  if (message.id === undefined) return;
  const handle = handlers[message.method];
  if (handle === undefined) return void send({ id: message.id, error: { code: -32601, message: 'no' } });
  void send({ id: message.id, result: await handle(message.params) });
});
