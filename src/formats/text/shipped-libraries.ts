import type { LevelName } from '../../record/level.ts';
import type { TextFormat } from '../../record/text-format.ts';

const MONOLOG: Readonly<Record<string, LevelName>> = {
  DEBUG: 'debug',
  INFO: 'info',
  NOTICE: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'critical',
  ALERT: 'critical',
  EMERGENCY: 'fatal',
};

/** Loggers of the JVM, Python, Ruby, PHP, .NET, Node and C++. */
export const LIBRARIES: readonly TextFormat[] = [
  {
    name: 'spring-boot',
    patterns: [
      '{time} {level} {pid:digits} --- [{thread}] {logger:word} : {msg}',
      '{time} {level} {pid:digits} --- [{app}] [{thread}] {logger:word} : {msg}',
      '{time} {level} {pid:digits} --- [{app}] [{thread}] [{trace}] {logger:word} : {msg}',
      '{time} {level} --- [{thread}] {logger:word} : {msg}',
      '{time} {level} [{app}] {pid:digits} --- [{thread}] {logger:word} : {msg}',
    ],
    samples: [
      {
        line: '2024-03-01 10:00:00.123  WARN 12345 --- [           main] o.s.b.a.SpringApplication                : Stopped',
        is: { level: 'warn', pid: '12345', logger: 'o.s.b.a.SpringApplication', msg: 'Stopped' },
      },
      {
        line: '2024-03-01T10:00:00.123+01:00 ERROR 7 --- [shop] [nio-8080-exec-1] c.z.h.p.HikariPool : Connection is not available',
        is: { level: 'error', app: 'shop', thread: 'nio-8080-exec-1', time: '2024-03-01T09:00:00.123Z' },
      },
    ],
  },
  {
    name: 'serilog',
    patterns: ['[{time} {level}] {msg}', '[{time} {level} {logger:word}] {msg}', '{time} [{level}] {msg}'],
    levels: { VRB: 'trace', DBG: 'debug', INF: 'info', WRN: 'warn', ERR: 'error', FTL: 'fatal' },
    samples: [{ line: '[10:00:00 ERR] cannot connect', is: { level: 'error', msg: 'cannot connect' } }],
  },
  {
    name: 'logback',
    patterns: [
      '{time} [{thread}] {level} {logger:word} -- {msg}',
      '{time} [{thread}] {level} {logger:word} - {msg}',
      '{time} [{thread}] {level} {logger:word}: {msg}',
      '{time} {level} [{thread}] {logger:word} - {msg}',
      '{time} {level} [{thread}] {logger:word}: {msg}',
      '{time} {level} [{logger:word}] ({thread}) {msg}',
      '{time} {level} ({thread}) [{logger:word}] {msg}',
      '{time} - {level} [{thread}] - {msg}',
      '{time} [{thread}] [{level}] {logger:word} - {msg}',
      '{time} [{thread}] {level} {msg}',
      '{time} |-{level} in {logger} - {msg}',
      '[{thread}] {level} {logger:word} - {msg}',
      '{level} [{logger:word}] ({thread}) {msg}',
    ],
    capitals: true,
    samples: [
      {
        line: '10:00:00.123 [main] WARN  com.zaxxer.hikari.HikariConfig - idleTimeout has been set',
        is: { level: 'warn', thread: 'main', logger: 'com.zaxxer.hikari.HikariConfig', msg: 'idleTimeout has been set' },
      },
      {
        line: '2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: Executing with tokens:',
        is: {
          level: 'info',
          thread: 'main',
          logger: 'org.apache.hadoop.mapreduce.v2.app.MRAppMaster',
          msg: 'Executing with tokens:',
        },
      },
    ],
  },
  {
    name: 'openstack',
    patterns: [
      '{time} {pid:digits} {level} {logger:word} [{request}] {msg}',
      '{time} {pid:digits} {level} {logger:dotted} {msg}',
    ],
    levels: {
      TRACE: 'trace',
      DEBUG: 'debug',
      INFO: 'info',
      AUDIT: 'info',
      WARNING: 'warn',
      ERROR: 'error',
      CRITICAL: 'critical',
    },
    samples: [
      {
        line: '2024-03-01 10:00:00.123 7 WARNING nova.virt.libvirt.driver [req-1 a b - - -] [instance: 1] no such domain',
        is: { level: 'warn', pid: '7', logger: 'nova.virt.libvirt.driver', msg: '[instance: 1] no such domain' },
      },
    ],
  },
  {
    name: 'log4j',
    patterns: [
      '{time:ms} [{thread}] {level} {logger:word} - {msg}',
      '{level} [{thread}] {time} {file:word}:{line:digits} - {msg}',
      '{time} {thread:digits} {level} {logger:word}: {msg}',
      '{time} {pid:digits} {level} {logger:word} {msg}',
      '{time} {level} [{thread}] {logger:dotted} {msg}',
      '{time} {level} {logger:word} - {msg}',
      '{time} main {level} {msg}',
      'log4j:{level} {msg}',
    ],
    levels: { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error', FATAL: 'fatal' },
    samples: [
      {
        line: '17 [main] WARN  org.example.Pool  - exhausted',
        is: { level: 'warn', thread: 'main', logger: 'org.example.Pool', msg: 'exhausted' },
      },
      {
        line: '081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 terminating',
        is: { level: 'info', logger: 'dfs.DataNode$PacketResponder', time: '2008-11-09T20:36:15.000Z' },
      },
    ],
  },
  {
    name: 'tomcat',
    patterns: ['{time} {level} [{thread}] {logger:dotted} {msg}'],
    levels: { FINEST: 'trace', FINER: 'trace', FINE: 'debug', CONFIG: 'debug', INFO: 'info', WARNING: 'warn', SEVERE: 'error' },
    samples: [
      {
        line: '01-Mar-2024 10:00:00.123 SEVERE [main] org.apache.catalina.core.StandardService.initInternal Failed to initialize connector',
        is: { level: 'error', thread: 'main', msg: 'Failed to initialize connector' },
      },
    ],
  },
  {
    name: 'python',
    patterns: [
      '{time} - {logger:word} - {level} - {msg}',
      '{time} - {level} - {logger:word} - {msg}',
      '{time} - {level} - {msg}',
      '{time} {level} ({thread}) [{logger}] {msg}',
      '[{time}] {level} in {module:word}: {msg}',
      '[{time}] {{{file:word}:{line:digits}}} {level} - {msg}',
      '[{time}] {logger:word} {level} : {msg}',
      '{time} {level} [{logger:word}] {msg}',
      '{time}:{level}:{logger:word}:{msg}',
      '{level} [{logger:word}] {msg}',
      '{level}:{logger:word}:{msg}',
    ],
    levels: { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', WARN: 'warn', ERROR: 'error', CRITICAL: 'critical', FATAL: 'fatal' },
    samples: [
      {
        line: 'WARNING:urllib3.connectionpool:Retrying (Retry(total=2))',
        is: { level: 'warn', logger: 'urllib3.connectionpool', msg: 'Retrying (Retry(total=2))' },
      },
      {
        line: '2024-03-01 10:00:00,123 - app.db - ERROR - cannot connect',
        is: { level: 'error', logger: 'app.db', msg: 'cannot connect' },
      },
    ],
  },
  {
    name: 'celery',
    patterns: ['[{time}: {level}/{process}] {msg}'],
    samples: [
      {
        line: '[2024-03-01 10:00:00,123: WARNING/ForkPoolWorker-1] Trying again in 2.00 seconds... (1/100)',
        is: { level: 'warn', process: 'ForkPoolWorker-1' },
      },
    ],
  },
  {
    name: 'loguru',
    patterns: ['{time} | {level} | {logger:word}:{function:word}:{line:digits} - {msg}'],
    levels: {
      TRACE: 'trace',
      DEBUG: 'debug',
      INFO: 'info',
      SUCCESS: 'info',
      WARNING: 'warn',
      ERROR: 'error',
      CRITICAL: 'critical',
    },
    samples: [
      {
        line: '2024-03-01 10:00:00.123 | WARNING  | app.db:connect:7 - retry',
        is: { level: 'warn', logger: 'app.db', function: 'connect', line: '7', msg: 'retry' },
      },
    ],
  },
  {
    name: 'gunicorn',
    patterns: ['[{time}] [{pid:digits}] [{level}] {msg}', '{time} [{pid:digits}] [{level}] {msg}'],
    samples: [
      {
        line: '[2024-03-01 10:00:00 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:8)',
        is: { level: 'critical', pid: '7', msg: 'WORKER TIMEOUT (pid:8)' },
      },
    ],
  },
  {
    name: 'ruby',
    patterns: [
      '{level}, [{time} #{pid:digits}] {level} -- {progname}: {msg}',
      '{level}, [{time}#{pid:digits}] {level} -- {progname}: {msg}',
    ],
    levels: {
      D: 'debug',
      I: 'info',
      W: 'warn',
      E: 'error',
      F: 'fatal',
      DEBUG: 'debug',
      INFO: 'info',
      WARN: 'warn',
      ERROR: 'error',
      FATAL: 'fatal',
    },
    samples: [
      {
        line: 'E, [2024-03-01T10:00:00.123456 #7] ERROR -- : cannot connect',
        is: { level: 'error', pid: '7', msg: 'cannot connect', time: '2024-03-01T10:00:00.123Z' },
      },
    ],
  },
  {
    name: 'sidekiq',
    patterns: [
      '{time} pid={pid:digits} tid={tid:word} class={class:word} jid={jid:word} elapsed={elapsed:word} {level}: {msg}',
      '{time} pid={pid:digits} tid={tid:word} class={class:word} jid={jid:word} {level}: {msg}',
      '{time} pid={pid:digits} tid={tid:word} {level}: {msg}',
      '{time} {pid:digits} TID-{tid:word} {level}: {msg}',
    ],
    levels: { DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error', FATAL: 'fatal' },
    samples: [
      {
        line: '2024-03-01T10:00:00.123Z pid=7 tid=abc class=Mailer jid=1f WARN: cannot connect',
        is: { level: 'warn', pid: '7', tid: 'abc', class: 'Mailer', jid: '1f', msg: 'cannot connect' },
      },
    ],
  },
  {
    // With both of what was logged along and what a processor added.
    name: 'monolog',
    patterns: ['[{time}] {channel:word}.{level}: {msg} {json} {{{extra}}}', '[{time}] {channel:word}.{level}: {msg} [] {json}'],
    levels: MONOLOG,
    needsTail: true,
    samples: [
      {
        line: '[2024-03-01T10:00:00.123456+00:00] app.ERROR: cannot connect {"host":"db"} {"uid":"7f"}',
        is: { level: 'error', channel: 'app', msg: 'cannot connect', host: 'db' },
      },
    ],
  },
  {
    name: 'monolog',
    patterns: [
      '[{time}] {channel:word}.{level}: {msg} [] []',
      '[{time}] {channel:word}.{level}: {msg} {json} []',
      '[{time}] {channel:word}.{level}: {msg} {json}',
    ],
    levels: MONOLOG,
    samples: [
      {
        line: '[2024-03-01T10:00:00.123456+00:00] app.ERROR: cannot connect {"host":"db"} []',
        is: { level: 'error', channel: 'app', msg: 'cannot connect', host: 'db' },
      },
      { line: '[2024-03-01T10:00:00.123456+00:00] app.WARNING: slow [] []', is: { level: 'warn', msg: 'slow' } },
    ],
  },
  {
    name: 'nlog',
    patterns: ['{time}|{level}|{logger:word}|{msg}', '{time}|{event:digits}|{level}|{logger:word}|{msg}'],
    samples: [
      {
        line: '2024-03-01 10:00:00.1234|WARN|App.Db.Pool|exhausted |url: http://a/',
        is: { level: 'warn', logger: 'App.Db.Pool', msg: 'exhausted |url: http://a/' },
      },
    ],
  },
  {
    name: 'log4js',
    patterns: ['[{time}] [{level}] {logger:word} - {msg}'],
    capitals: true,
    samples: [
      {
        line: '[2024-03-01T10:00:00.123] [ERROR] default - cannot connect',
        is: { level: 'error', logger: 'default', msg: 'cannot connect' },
      },
    ],
  },
  {
    name: 'nest',
    patterns: ['[Nest] {pid:digits} - {time} {level} [{logger}] {msg}'],
    levels: {
      VERBOSE: 'debug',
      DEBUG: 'debug',
      LOG: 'info',
      WARN: 'warn',
      ERROR: 'error',
      FATAL: 'fatal',
    },
    samples: [
      {
        line: '[Nest] 7  - 03/01/2024, 10:00:00 AM   ERROR [ExceptionsHandler] cannot connect',
        is: { level: 'error', pid: '7', logger: 'ExceptionsHandler', msg: 'cannot connect', time: '2024-03-01T10:00:00.000Z' },
      },
    ],
  },
  {
    name: 'elixir',
    patterns: ['{time} request_id={request_id:word} [{level}] {msg}'],
    samples: [
      {
        line: '10:00:00.123 request_id=F7k [error] cannot connect',
        is: { level: 'error', request_id: 'F7k', msg: 'cannot connect' },
      },
    ],
  },
  {
    name: 'spdlog',
    patterns: ['[{time}] [{logger}] [{level}] [{file:word}:{line:digits}] {msg}', '[{time}] [{logger}] [{level}] {msg}'],
    levels: { trace: 'trace', debug: 'debug', info: 'info', warning: 'warn', error: 'error', critical: 'critical' },
    samples: [
      {
        line: '[2024-03-01 10:00:00.123] [net] [warning] slow',
        is: { level: 'warn', logger: 'net', msg: 'slow' },
      },
    ],
  },
  {
    name: 'chromium',
    patterns: [
      '[{pid:digits}:{tid:digits}:{time}:{level}:{file:word}({line:digits})] {msg}',
      '[{time}:{level}:{file:word}({line:digits})] {msg}',
    ],
    capitals: true,
    samples: [
      {
        line: '[7:12:0301/100000.123456:ERROR:bus.cc(407)] Failed to connect to the bus',
        is: { level: 'error', pid: '7', tid: '12', file: 'bus.cc', line: '407', msg: 'Failed to connect to the bus' },
      },
    ],
  },
  {
    name: 'dotnet',
    patterns: [
      '{level}: {logger:word}[{event:digits}]',
      '{level}: {logger:word}[{event:digits}] {msg}',
      '{time} {level}: {logger:word}[{event:digits}] {msg}',
    ],
    levels: { trce: 'trace', dbug: 'debug', info: 'info', warn: 'warn', fail: 'error', crit: 'critical' },
    samples: [
      {
        line: 'fail: Microsoft.EntityFrameworkCore.Database.Connection[20004]',
        is: { level: 'error', logger: 'Microsoft.EntityFrameworkCore.Database.Connection', event: '20004' },
      },
    ],
  },
  {
    name: 'pino-pretty',
    patterns: [
      '[{time}] {level} ({pid:digits} on {hostname}): {msg}',
      '[{time}] {level} ({pid:digits}): {msg}',
      '[{time}] {level} ({name}/{pid:digits} on {hostname}): {msg}',
      '[{time}] {level} ({name}/{pid:digits}): {msg}',
      '[{time}] {level} ({name}): {msg}',
    ],
    capitals: true,
    samples: [{ line: '[10:00:00.123] ERROR (7): cannot connect', is: { level: 'error', pid: '7', msg: 'cannot connect' } }],
  },
  {
    name: 'aws-lambda',
    patterns: ['{time}\t{request:word}\t{level}\t{msg}', '[{level}]\t{time}\t{request:word}\t{msg}', '[{level}]\t{time}\t{msg}'],
    capitals: true,
    samples: [
      {
        line: '2024-03-01T10:00:00.123Z\t9b8e6a2c-1111-4222-8333-444455556666\tERROR\tcannot connect',
        is: { level: 'error', request: '9b8e6a2c-1111-4222-8333-444455556666', msg: 'cannot connect' },
      },
      {
        line: '[ERROR]\t2024-03-01T10:00:00.123Z\t9b8e6a2c-1111-4222-8333-444455556666\tcannot connect',
        is: { level: 'error', request: '9b8e6a2c-1111-4222-8333-444455556666', msg: 'cannot connect' },
      },
    ],
  },
  {
    name: 'tensorflow',
    patterns: ['{time}: {level} {file:word}:{line:digits}] {msg}'],
    levels: { I: 'info', W: 'warn', E: 'error', F: 'fatal' },
    samples: [
      {
        line: '2025-01-06 11:46:04.083123: E external/local_xla/xla/stream_executor/cuda/cuda_dnn.cc:9261] Unable to register cuDNN factory',
        is: { level: 'error', msg: 'Unable to register cuDNN factory', line: '9261' },
      },
    ],
  },
  {
    name: 'tornado',
    patterns: [
      '[{level} {time} {module:word}:{line:digits}] {msg}',
      '[{level} {time} {app:word} {module:word}:{line:digits}] {msg}',
      '[{level} {time} {app:word}] {msg}',
    ],
    levels: { D: 'debug', I: 'info', W: 'warn', E: 'error', C: 'critical' },
    samples: [{ line: '[W 240301 10:00:00 web:2239] 404 GET /favicon.ico', is: { level: 'warn', module: 'web' } }],
  },
  {
    name: 'logcat',
    patterns: ['{time} {pid:digits} {tid:digits} {level} {tag}: {msg}'],
    levels: { V: 'trace', D: 'debug', I: 'info', W: 'warn', E: 'error', F: 'fatal' },
    samples: [
      { line: '03-17 16:13:38.811  1702  2395 W WindowManager: slow', is: { level: 'warn', tag: 'WindowManager', msg: 'slow' } },
    ],
  },
  {
    name: 'minecraft',
    patterns: ['[{time}] [{thread}/{level}]: {msg}', '[{time}] [{thread}/{level}] [{logger}]: {msg}', '[{time} {level}]: {msg}'],
    capitals: true,
    samples: [{ line: "[10:00:00] [Server thread/WARN]: Can't keep up!", is: { level: 'warn', thread: 'Server thread' } }],
  },
  {
    name: 'tracing',
    patterns: [
      '{time} {level} ThreadId({thread}) {target:path}: {file:word}:{line:digits}: {msg} {pairs}',
      '{time} {level} ThreadId({thread}) {target:path}: {msg} {pairs}',
      '{time} {level} {threadName} ThreadId({thread}) {target:path}: {msg} {pairs}',
      '{time} {level} {span:path}{{{}}}: {target:path}: {msg} {pairs}',
      '{time} {level} {target:path}: {file:word}:{line:digits}: {msg} {pairs}',
      '{time} {level} {target:path}: {msg} {pairs}',
    ],
    levels: { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' },
    samples: [
      {
        line: '2024-03-01T10:00:00.123456Z  WARN hyper::proto: connection reset peer=10.0.0.7 attempt=2',
        is: { level: 'warn', msg: 'connection reset', target: 'hyper::proto', peer: '10.0.0.7', attempt: '2' },
      },
      {
        line: '   0.003404861s ERROR ThreadId(01) app: cannot open',
        is: { level: 'error', msg: 'cannot open', thread: '01', target: 'app' },
      },
    ],
  },
  {
    name: 'env_logger',
    patterns: [
      '[{time} {level} {target:word}] {msg}',
      '[{time} {level}] {msg}',
      '[{level} {target:word}] {msg}',
      '[{time} {level} {target:word}]{msg}',
      '[{level} {target:word}]{msg}',
    ],
    capitals: true,
    samples: [
      {
        line: '[2025-04-16T18:03:11Z ERROR hyperlight_host::hypervisor] No Hypervisor was found',
        is: { level: 'error', msg: 'No Hypervisor was found', target: 'hyperlight_host::hypervisor' },
      },
    ],
  },
];
