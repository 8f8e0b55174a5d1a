import type { TextFormat } from '../../record/text-format.ts';

/** Web servers, databases, message brokers. */
export const SERVERS: readonly TextFormat[] = [
  {
    name: 'nginx',
    patterns: [
      '{time} [{level}] {pid:digits}#{tid:digits}: *{connection:digits} {msg}',
      '{time} [{level}] {pid:digits}#{tid:digits}: {msg}',
      // syslog and journald have a time of their own
      '[{level}] {pid:digits}#{tid:digits}: *{connection:digits} {msg}',
      '[{level}] {pid:digits}#{tid:digits}: {msg}',
      'nginx: [{level}] {msg}',
    ],
    levels: {
      debug: 'debug',
      info: 'info',
      notice: 'info',
      warn: 'warn',
      error: 'error',
      crit: 'critical',
      alert: 'critical',
      emerg: 'fatal',
    },
    samples: [
      {
        line: '2024/03/01 10:00:00 [error] 7#8: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.7',
        is: { level: 'error', pid: '7', connection: '1', time: '2024-03-01T10:00:00.000Z' },
      },
    ],
  },
  {
    name: 'fluent-bit',
    patterns: ['[{time}] [{level}] [{logger:word}] {msg}', '[{time}] [{level}] [fluent bit] {msg}'],
    levels: { trace: 'trace', debug: 'debug', info: 'info', warn: 'warn', error: 'error' },
    samples: [
      {
        line: '[2024/03/01 10:00:00] [ warn] [engine] failed to flush chunk',
        is: { level: 'warn', logger: 'engine', msg: 'failed to flush chunk' },
      },
    ],
  },
  {
    name: 'apache',
    patterns: [
      '[{time}] [{module}:{level}] [pid {pid:digits}:tid {tid:digits}] [client {client}] {msg}',
      '[{time}] [{module}:{level}] [pid {pid:digits}:tid {tid:digits}] {msg}',
      '[{time}] [{module}:{level}] [pid {pid:digits}] [client {client}] {msg}',
      '[{time}] [{module}:{level}] [pid {pid:digits}] {msg}',
      '[{time}] [{level}] [client {client}] {msg}',
      '[{time}] [{level}] {msg}',
    ],
    samples: [
      {
        line: '[Fri Mar 01 10:00:00.123456 2024] [proxy:error] [pid 7:tid 12] [client 10.0.0.7:5678] AH00898: Error reading from remote server',
        is: { level: 'error', module: 'proxy', pid: '7', client: '10.0.0.7:5678', time: '2024-03-01T10:00:00.123Z' },
      },
    ],
  },
  {
    name: 'haproxy',
    patterns: ['[{level}] ({pid:digits}) : {msg}', '[{level}] {}/{} ({pid:digits}) : {msg}'],
    capitals: true,
    samples: [
      {
        line: '[WARNING] 060/100000 (7) : Server web/a is DOWN, reason: Layer4 timeout',
        is: { level: 'warn', pid: '7', msg: 'Server web/a is DOWN, reason: Layer4 timeout' },
      },
    ],
  },
  {
    name: 'postgresql',
    patterns: [
      '{time} [{pid}] {user:word}@{db:word} {level}: {msg}',
      '{time} [{pid}] {level}: {msg}',
      '{time} [{pid}]: [{}] user={user},db={db},app={app},client={client} {level}: {msg}',
      '{time} [{pid}]: {} {level}: {msg}',
      '{time} {user:word}@{db:word} {level}: {msg}',
      '{time}:{client:word}:{user:word}@{db:word}:[{pid}]:{level}: {msg}',
      '{time}:{client}@{db}:[{pid}]:{level}: {msg}',
      '< {time} >{level}: {msg}',
    ],
    levels: {
      DEBUG1: 'debug',
      DEBUG2: 'debug',
      DEBUG3: 'debug',
      DEBUG4: 'debug',
      DEBUG5: 'debug',
      INFO: 'info',
      NOTICE: 'info',
      LOG: 'info',
      WARNING: 'warn',
      ERROR: 'error',
      // Ends one session, and no more.
      FATAL: 'error',
      PANIC: 'fatal',
    },
    samples: [
      {
        line: '2024-03-01 10:00:00.123 UTC [7] app@db FATAL:  the database system is starting up',
        is: {
          level: 'error',
          msg: 'the database system is starting up',
          user: 'app',
          db: 'db',
          time: '2024-03-01T10:00:00.123Z',
        },
      },
      { line: '2024-03-01 10:00:00.123 CET [7] LOG:  checkpoint starting: time', is: { level: 'info', pid: '7' } },
    ],
  },
  {
    name: 'mysql',
    patterns: ['{time} {thread:digits} [{level}] [{code}] [{logger}] {msg}', '{time} {thread:digits} [{level}] {msg}'],
    levels: { Note: 'info', System: 'info', Warning: 'warn', ERROR: 'error', Error: 'error' },
    samples: [
      {
        line: '2024-03-01T10:00:00.123456Z 0 [Warning] [MY-010068] [Server] CA certificate ca.pem is self signed.',
        is: { level: 'warn', code: 'MY-010068', msg: 'CA certificate ca.pem is self signed.' },
      },
    ],
  },
  {
    // `ERROR` stands in such brackets in lines of many programs.
    name: 'mysql',
    patterns: ['{time} [{level}] {msg}'],
    levels: { Note: 'info', System: 'info', Warning: 'warn', Error: 'error' },
    samples: [
      { line: '240301 10:00:00 [Warning] Aborted connection 7', is: { level: 'warn', time: '2024-03-01T10:00:00.000Z' } },
    ],
  },
  {
    name: 'redis',
    patterns: ['{pid:digits}:{role:word} {time} {level} {msg}', '[{pid:digits}] {time} {level} {msg}'],
    levels: { '.': 'debug', '-': 'debug', '*': 'info', '#': 'warn' },
    samples: [
      {
        line: "7:M 01 Mar 2024 10:00:00.123 # Can't save in background: fork: Cannot allocate memory",
        is: { level: 'warn', role: 'M', time: '2024-03-01T10:00:00.123Z' },
      },
    ],
  },
  {
    name: 'rabbitmq',
    patterns: [
      '{time} [{level}] <{process:word}> {msg}',
      '{time} [{level}] <{process:word}>@{module:word}:{function:word}:{line:digits} {msg}',
    ],
    samples: [
      {
        line: '2024-03-01 10:00:00.123456+00:00 [warning] <0.123.0> closing AMQP connection <0.123.0>',
        is: { level: 'warn', process: '0.123.0', msg: 'closing AMQP connection <0.123.0>' },
      },
    ],
  },
  {
    name: 'mongodb',
    patterns: ['{time} {level} {component:word} [{context}] {msg}'],
    levels: {
      D: 'debug',
      D1: 'debug',
      D2: 'debug',
      D3: 'debug',
      D4: 'debug',
      D5: 'debug',
      I: 'info',
      W: 'warn',
      E: 'error',
      F: 'fatal',
    },
    samples: [
      {
        line: '2019-03-01T10:00:00.123+0000 W NETWORK  [conn1] no SSL certificate',
        is: { level: 'warn', component: 'NETWORK', context: 'conn1' },
      },
    ],
  },
  {
    name: 'zookeeper',
    patterns: ['{time} [myid:{myid}] - {level} [{thread}] - {msg}'],
    capitals: true,
    samples: [
      {
        line: '2024-03-01 10:00:00,123 [myid:1] - WARN  [QuorumPeer[myid=1](plain=/0.0.0.0:2181):QuorumCnxManager@401] - Cannot open channel',
        is: { level: 'warn', myid: '1', msg: 'Cannot open channel' },
      },
    ],
  },
  {
    name: 'scylla',
    patterns: ['{level} {time} [shard {shard}] {logger:word} - {msg}'],
    levels: { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' },
    samples: [
      {
        line: 'WARN  2024-03-01 10:00:00,123 [shard 0:main] gossip - slow',
        is: { level: 'warn', shard: '0:main', logger: 'gossip', msg: 'slow' },
      },
    ],
  },
  {
    name: 'gitea',
    patterns: ['{time} {file:word}:{line:digits}:{function:word} [{level}] {msg}'],
    levels: { T: 'trace', D: 'debug', I: 'info', W: 'warn', E: 'error', C: 'critical', F: 'fatal' },
    samples: [
      {
        line: '2024/03/01 10:00:00 ...s/setting/git.go:7:newGit() [W] slow',
        is: { level: 'warn', file: '...s/setting/git.go', line: '7', function: 'newGit()', msg: 'slow' },
      },
    ],
  },
  {
    // The report stands on the next lines.
    name: 'erlang',
    patterns: ['={level} REPORT==== {time} ==='],
    levels: { PROGRESS: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error', CRASH: 'error', SUPERVISOR: 'error' },
    samples: [{ line: '=ERROR REPORT==== 1-Mar-2024::10:00:00 ===', is: { level: 'error', time: '2024-03-01T10:00:00.000Z' } }],
  },
  {
    name: 'kafka',
    patterns: ['[{time}] {level} {msg} ({logger:word})', '{time} {level} {msg} ({logger:dotted}) [{thread}]'],
    capitals: true,
    samples: [
      {
        line: '[2024-03-01 10:00:00,123] WARN [Producer clientId=p-1] Connection to node -1 (a/10.0.0.7:9092) failed. (org.apache.kafka.clients.NetworkClient)',
        is: {
          level: 'warn',
          logger: 'org.apache.kafka.clients.NetworkClient',
          msg: '[Producer clientId=p-1] Connection to node -1 (a/10.0.0.7:9092) failed.',
        },
      },
    ],
  },
  {
    name: 'elasticsearch',
    patterns: [
      '[{time}][{level}][{logger:word}][{pipeline:word}][{plugin:word}] {msg}',
      '[{time}][{level}][{logger:word}][{pipeline:word}] {msg}',
      '[{time}][{level}][{logger}] [{node:word}] {msg}',
      '[{time}][{level}][{logger}] {msg}',
    ],
    samples: [
      {
        line: '[2024-03-01T10:00:00,123][WARN ][o.e.c.r.a.DiskThresholdMonitor] [node-1] high disk watermark [90%] exceeded',
        is: {
          level: 'warn',
          logger: 'o.e.c.r.a.DiskThresholdMonitor',
          node: 'node-1',
          msg: 'high disk watermark [90%] exceeded',
        },
      },
      {
        line: '[2021-06-27T15:35:30,864][WARN ][logstash.outputs.elasticsearch][main] Attempted to resurrect connection to dead ES instance, but got an error {:url=>"http://localhost:9200/", :message=>"Elasticsearch Unreachable: [http://localhost:9200/][Manticore::ResolutionFailure] localhost"}',
        is: {
          level: 'warn',
          logger: 'logstash.outputs.elasticsearch',
          pipeline: 'main',
          msg: 'Attempted to resurrect connection to dead ES instance, but got an error {:url=>"http://localhost:9200/", :message=>"Elasticsearch Unreachable: [http://localhost:9200/][Manticore::ResolutionFailure] localhost"}',
        },
      },
    ],
  },
  {
    name: 'clickhouse',
    patterns: ['{time} [ {thread} ] {{{query}}} <{level}> {logger}: {msg}'],
    levels: {
      Test: 'trace',
      Trace: 'trace',
      Debug: 'debug',
      Information: 'info',
      Notice: 'info',
      Warning: 'warn',
      Error: 'error',
      Critical: 'critical',
      Fatal: 'fatal',
    },
    samples: [
      {
        line: '2024.03.01 10:00:00.123456 [ 7 ] {} <Error> Application: Coordination::Exception',
        is: { level: 'error', thread: '7', logger: 'Application' },
      },
    ],
  },
  {
    name: 'php-fpm',
    patterns: ['[{time}] {level}: {msg}'],
    capitals: true,
    samples: [
      {
        line: '[01-Mar-2024 10:00:00] WARNING: [pool www] server reached pm.max_children setting (5)',
        is: { level: 'warn', time: '2024-03-01T10:00:00.000Z' },
      },
    ],
  },
  {
    name: 'php',
    patterns: ['[{time}] PHP {level}: {msg}', 'NOTICE: PHP message: PHP {level}: {msg}', 'PHP {level}: {msg}'],
    levels: {
      Deprecated: 'info',
      Notice: 'info',
      Warning: 'warn',
      'Fatal error': 'error',
      'Parse error': 'error',
      'Recoverable fatal error': 'error',
    },
    samples: [
      { line: '[01-Mar-2024 10:00:00 UTC] PHP Warning:  Undefined variable $a in /srv/a.php on line 3', is: { level: 'warn' } },
    ],
  },
  {
    name: 'squid',
    patterns: ['{time} kid{kid:digits}| {level}: {msg}', '{time}| {level}: {msg}'],
    capitals: true,
    samples: [{ line: '2024/03/01 10:00:00 kid1| WARNING: disk write error', is: { level: 'warn', kid: '1' } }],
  },
];
