import type { LevelName } from '../../record/level.ts';
import type { TextFormat } from '../../record/text-format.ts';

/** klog's and glog's letters. */
const LETTERS: Readonly<Record<string, LevelName>> = { I: 'info', W: 'warn', E: 'error', F: 'fatal' };

/** What is found around Kubernetes: Go's loggers, proxies, agents. */
export const CLOUD: readonly TextFormat[] = [
  {
    name: 'klog',
    patterns: [
      '{level}{time} {thread:digits} {file:word}:{line:digits}] "{msg}" {pairs}',
      '{level}{time} {thread:digits} {file:word}:{line:digits}] {msg}',
      '{level}{time} {file:word}:{line:digits}] {msg}',
      'ERROR: logging before flag.Parse: {level}{time} {thread:digits} {file:word}:{line:digits}] {msg}',
    ],
    levels: LETTERS,
    samples: [
      {
        line: 'E0412 12:24:03.589075       1 kubelet.go:2424] "Error getting node" err="node \\"m-1\\" not found" pod="ns/p-7"',
        is: {
          level: 'error',
          msg: 'Error getting node',
          thread: '1',
          file: 'kubelet.go',
          err: 'node "m-1" not found',
          pod: 'ns/p-7',
        },
      },
      {
        line: 'E0000 00:00:1736163964.083901   12345 cuda_dnn.cc:8310] Unable to register cuDNN factory',
        is: { level: 'error', msg: 'Unable to register cuDNN factory', time: '2025-01-06T11:46:04.083Z' },
      },
    ],
  },
  {
    name: 'zap',
    patterns: [
      '{time}\t{level}\tenvoy {logger:word} {file:word}:{line:digits}\t{msg}\tthread={thread:digits}',
      '{time}\t{level}\tenvoy {logger:word}\t{msg}\tthread={thread:digits}',
      '{time}\t{level}\t{logger}\t{file:word}:{line:digits}\t{msg}\t{json}',
      '{time}\t{level}\t{file:word}:{line:digits}\t{msg}\t{json}',
      '{time}\t{level}\t{logger:word}\t{msg}\t{json}',
      '{time}\t{level}\t{msg}\t{json}',
    ],
    samples: [
      {
        line: '2024-03-01T10:00:00.123Z\tERROR\tcontroller.pod\tcontroller/controller.go:329\tReconciler error\t{"pod": "ns/p-7", "error": "timed out"}',
        is: {
          level: 'error',
          msg: 'Reconciler error',
          logger: 'controller.pod',
          file: 'controller/controller.go',
          pod: 'ns/p-7',
        },
      },
      { line: '2024-03-01T10:00:00.123456Z\twarn\tads\tADS: "10.0.0.7" terminated', is: { level: 'warn', logger: 'ads' } },
      {
        line: '2020-06-18T10:04:48.756+0200    ERROR   controller-runtime.controller   Reconciler error        {"request": "a/b"}',
        is: { level: 'error', logger: 'controller-runtime.controller', msg: 'Reconciler error', request: 'a/b' },
      },
    ],
  },
  {
    name: 'hclog',
    patterns: [
      '{time:iso} [{level}] {file:word}:{line:digits}: {logger:path}: {msg}: {pairs}',
      '{time:iso} [{level}] {logger:word}: {msg}: {pairs}',
      '{time:iso} [{level}] {msg}: {pairs}',
    ],
    levels: { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' },
    samples: [
      {
        line: '2024-03-01T10:00:00.123Z [WARN]  agent.client: error calling ethtool: error="exit status 75" device=sit0',
        is: { level: 'warn', msg: 'error calling ethtool', logger: 'agent.client', error: 'exit status 75', device: 'sit0' },
      },
    ],
  },
  {
    name: 'envoy',
    patterns: [
      '[{time}][{thread:digits}][{level}][{logger}] [{file:word}:{line:digits}] {msg}',
      '[{time}][{thread:digits}][{level}][{logger}] {msg}',
    ],
    samples: [
      {
        line: '[2024-03-01 10:00:00.123][7][warning][config] [source/common/config/grpc_stream.h:191] gRPC config stream closed: 14',
        is: { level: 'warn', msg: 'gRPC config stream closed: 14', thread: '7', logger: 'config' },
      },
    ],
  },
  {
    name: 'logrus',
    patterns: [
      '{level}[{time:s}] {msg} {pairs}',
      '{level}[{time}] {msg} {pairs}',
      '{level}[{time:s}]{file:word}:{line:digits} {msg} {pairs}',
    ],
    levels: { TRAC: 'trace', DEBU: 'debug', INFO: 'info', WARN: 'warn', ERRO: 'error', FATA: 'fatal', PANI: 'fatal' },
    samples: [
      {
        line: 'ERRO[0042] kernel property vhost_vsock not found         arch=amd64 name=vhost_vsock description="Host Support"',
        is: { level: 'error', msg: 'kernel property vhost_vsock not found', arch: 'amd64', description: 'Host Support' },
      },
    ],
  },
  {
    name: 'zerolog',
    patterns: [
      '{time} {level} {file:word}:{line:digits} > {msg} {pairs}',
      '{time} {level} {msg} {pairs}',
      '<nil> {level} {msg} {pairs}',
    ],
    levels: { TRC: 'trace', DBG: 'debug', INF: 'info', WRN: 'warn', ERR: 'error', FTL: 'fatal', PNC: 'fatal' },
    samples: [
      {
        line: '10:00AM ERR cannot connect error="dial tcp: refused" addr=db:5432',
        is: { level: 'error', msg: 'cannot connect', addr: 'db:5432' },
      },
      {
        line: '2024-03-01T10:00:00Z ERR pkg/server/server.go:12 > Unable to append certificate providerName=docker',
        is: { level: 'error', msg: 'Unable to append certificate', file: 'pkg/server/server.go', providerName: 'docker' },
      },
    ],
  },
  {
    name: 'capnslog',
    patterns: ['{time} {level} | {logger:word}: {msg}'],
    levels: { T: 'trace', D: 'debug', N: 'info', I: 'info', W: 'warn', E: 'error', C: 'critical' },
    samples: [
      {
        line: '2019-11-01 10:00:00.123456 W | etcdserver: read-only range request took too long',
        is: { level: 'warn', logger: 'etcdserver', msg: 'read-only range request took too long' },
      },
    ],
  },
  {
    name: 'felix',
    patterns: ['{time} [{level}][{pid:digits}] {file:word} {line:digits}: {msg} {pairs}'],
    samples: [
      {
        line: '2020-11-04 12:00:27.044 [ERROR][74] felix/daemon.go 337: BPF dataplane mode enabled but not supported by the kernel.',
        is: { level: 'error', pid: '74', file: 'felix/daemon.go', line: '337' },
      },
    ],
  },
  {
    name: 'telegraf',
    patterns: ['{time} {level} [{plugin}] {msg}', '{time} {level} {msg}'],
    levels: { 'D!': 'debug', 'I!': 'info', 'W!': 'warn', 'E!': 'error' },
    samples: [
      {
        line: '2020-01-16T10:54:44Z E! [inputs.ethtool] Error in plugin: ens3 stats: too many entries',
        is: { level: 'error', plugin: 'inputs.ethtool', msg: 'Error in plugin: ens3 stats: too many entries' },
      },
    ],
  },
  {
    name: 'coredns',
    patterns: ['[{level}] plugin/{plugin:word}: {msg}'],
    samples: [
      {
        line: '[ERROR] plugin/errors: 2 example.com. A: read udp 10.0.0.7:53: i/o timeout',
        is: { level: 'error', plugin: 'errors' },
      },
    ],
  },
  {
    name: 'firecracker',
    patterns: ['{time} [{instance:word}:{level}:{file:word}:{line:digits}] {msg}'],
    samples: [
      {
        line: '2020-11-10T04:08:43.403438585 [anonymous-instance:ERROR:src/main.rs:52] Firecracker panicked',
        is: { level: 'error', instance: 'anonymous-instance', file: 'src/main.rs', msg: 'Firecracker panicked' },
      },
    ],
  },
  {
    name: 'cloud-hypervisor',
    patterns: [
      'cloud-hypervisor: {time} <{thread}> {level}:{file:word}:{line:digits} -- {msg}',
      'cloud-hypervisor: {time}: <{thread}> {level}:{file:word}:{line:digits} -- {msg}',
    ],
    samples: [
      {
        line: 'cloud-hypervisor:   0.002293s: <main> ERROR:src/lib.rs:23 -- Fatal error: no supported hypervisor',
        is: { level: 'error', thread: 'main', msg: 'Fatal error: no supported hypervisor' },
      },
    ],
  },
  {
    name: 'libvirt',
    patterns: ['{time}: {thread:digits}: {level} : {function:word}:{line:digits} : {msg}'],
    levels: { debug: 'debug', info: 'info', warning: 'warn', error: 'error' },
    samples: [
      {
        line: '2019-07-11 00:12:33.379+0000: 123145573953536: error : virSysinfoReadDMI:1172 : internal error: no path for dmidecode',
        is: { level: 'error', function: 'virSysinfoReadDMI', msg: 'internal error: no path for dmidecode' },
      },
    ],
  },
  {
    name: 'networkmanager',
    patterns: ['<{level}> [{time}] {msg}'],
    levels: { trace: 'trace', debug: 'debug', info: 'info', warn: 'warn', error: 'error' },
    samples: [
      {
        line: '<warn>  [1613475650.3386] ethtool[1]: ETHTOOL_GLINK, lo: failed: Operation not supported',
        is: { level: 'warn', time: '2021-02-16T11:40:50.338Z' },
      },
    ],
  },
];
