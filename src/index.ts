/**
 * The client for every runtime: sign-in, session, API keys and memories, without anything of one platform.
 *
 * Programs on Node.js import `createClient` from `@lanonasis/auth-client/node`, which adds the browser
 * sign-in and a credential file.
 *
 * @module
 */
export type { ApiKeysApi } from './api-keys/api-keys.ts'
export { formatApiKey } from './api-keys/format.ts'
export {
  type ApiKeyInspection,
  type ApiKeyKind,
  type ApiKeyProblem,
  inspectApiKey,
} from './api-keys/inspect.ts'
export type {
  ApiKeyRecord,
  CreatedApiKey,
  EnsuredApiKey,
  HandOverOptions,
  NewApiKey,
  ReplacedApiKey,
} from './api-keys/types.ts'
export { type AccessTokenOptions, AuthClient } from './client/auth-client.ts'
export type { ClientEventListener, ClientEvents, StoreEvent } from './client/events.ts'
export { LanonasisClient, type LanonasisLoginOptions } from './client/lanonasis-client.ts'
export type {
  AuthClientOptions,
  LanonasisClientOptions,
  LoginOptions,
  LogoutOptions,
  LogoutResult,
} from './client/options.ts'
export { formatReport } from './doctor/format-report.ts'
export type { CertificateFacts, Diagnostics, FileFacts } from './doctor/platform.ts'
export type {
  CheckId,
  Deployment,
  DoctorOptions,
  Finding,
  FindingStatus,
  Report,
} from './doctor/report.ts'
export type { Endpoints, Environment, ServiceName } from './endpoints/presets.ts'
export {
  type EndpointSettings,
  type EndpointSource,
  type Env,
  type ResolvedEndpoints,
  resolveEndpoints,
} from './endpoints/resolve.ts'
export { AuthError, type AuthErrorOptions, isAuthError } from './errors/auth-error.ts'
export type { ErrorCause } from './errors/cause.ts'
export type { AuthErrorCode } from './errors/definitions.ts'
export { redact } from './errors/redact.ts'
export type { CallOptions } from './http/call-options.ts'
export type { RequestEvent } from './http/request-event.ts'
export type { Fetch } from './http/transport.ts'
export type { Lease, Lock, LockOptions } from './lock/lock.ts'
export { memoryLock } from './lock/memory-lock.ts'
export type { FlowVerdict, LoginExplanation } from './login/explain.ts'
export type {
  AuthorizationRequest,
  Departure,
  DeviceAuthorization,
  FlowAvailability,
  LoginContext,
  LoginFlow,
  LoginGrant,
  LoginPrompt,
  LoginWait,
  PasteProblem,
  ReturnedGrant,
  ReturnedLogin,
  SuspendedAuthorization,
} from './login/flow.ts'
export type {
  SocketDialect,
  SocketStrategy,
} from './mcp/connection/connection.ts'
export type {
  EventFields,
  EventsOptions,
  EventsState,
  McpEvent,
  MemoryEvent,
  MessageEvent,
  NamedEvent,
  OtherEvent,
  OtherEventName,
  ToolResultEvent,
} from './mcp/events/types.ts'
export type {
  JsonRpcFailure,
  JsonRpcId,
  JsonRpcMessage,
  JsonRpcNotification,
  JsonRpcRequest,
  JsonRpcResult,
} from './mcp/json-rpc.ts'
export type { McpApi } from './mcp/mcp-api.ts'
export type { McpSocket } from './mcp/socket/socket.ts'
export type {
  McpInitializeRequest,
  McpNotification,
  McpParams,
  McpRequestHandler,
  McpRequestOptions,
  McpServerInfo,
  McpSocketOptions,
  McpSocketStatus,
  McpTool,
  McpToolResult,
} from './mcp/socket/types.ts'
export type { McpTransport } from './mcp/transport/mcp-transport.ts'
export type {
  McpSdk,
  OfficialTransport,
  OfficialTransportClass,
  OfficialTransportOptions,
  ReconnectionOptions,
} from './mcp/transport/official.ts'
export type {
  HttpTransportOptions,
  McpSdkChoice,
  McpTransportKind,
  McpTransportOptions,
  SseTransportOptions,
  WebSocketTransportOptions,
} from './mcp/transport/options.ts'
export type {
  WebSocketEnd,
  WebSocketEvents,
  WebSocketHandle,
  WebSocketRequest,
  WebSockets,
} from './mcp/web-socket.ts'
export type { MemoryApi } from './memory/memory-api.ts'
export type { PageRequest } from './memory/page-request.ts'
export type {
  FoundMemory,
  Memory,
  MemoryChanges,
  MemoryFilter,
  MemorySearch,
  MemoryStats,
  MemoryType,
  NewMemory,
  Page,
} from './memory/types.ts'
export type { Introspection } from './oauth/introspection.ts'
export type { Secret } from './secret/secret.ts'
export type { Tokens } from './session/account.ts'
export type { Session, SessionApiKey, SessionFacts } from './session/session.ts'
export type {
  StoredAccount,
  StoredApiKey,
  StoredCoolDown,
  StoredIntent,
  StoredSession,
  StoredTokens,
  TokenKind,
} from './store/account.ts'
export { type InitialCredentials, memoryStore } from './store/memory-store.ts'
export type {
  CommitResult,
  StoreChoice,
  StoreDescription,
  StoredEntry,
  StoreFallback,
  StoreKey,
  TokenStore,
} from './store/store.ts'
export { oneLine } from './text/one-line.ts'
