import {
  AuthClient,
  type CheckId,
  type Diagnostics,
  type DoctorOptions,
  type Finding,
  formatReport,
  type LanonasisClient,
  type LanonasisClientOptions,
  type Report,
  type ServiceName,
} from '@lanonasis/auth-client'
import { parseDeployment } from '@lanonasis/auth-client/node'
import { describe, expectTypeOf, it } from 'vitest'

describe('the doctor', () => {
  it('is a method of the client of the services, and needs no options', () => {
    expectTypeOf<LanonasisClient['doctor']>().parameters.toEqualTypeOf<[options?: DoctorOptions]>()
    expectTypeOf<LanonasisClient['doctor']>().returns.toEqualTypeOf<Promise<Report>>()
    expectTypeOf(AuthClient.prototype).not.toHaveProperty('doctor')
  })

  it('takes names of checks only', () => {
    expectTypeOf<DoctorOptions['only']>().toEqualTypeOf<readonly CheckId[] | undefined>()
    expectTypeOf<'clocks'>().not.toExtend<CheckId>()
  })

  it('finds what a program can decide on', () => {
    expectTypeOf<Report['findings']>().toEqualTypeOf<readonly Finding[]>()
    expectTypeOf<Finding['status']>().toEqualTypeOf<'ok' | 'warning' | 'failure' | 'skipped'>()
    expectTypeOf<Finding['service']>().toEqualTypeOf<ServiceName | undefined>()
    expectTypeOf(formatReport).returns.toEqualTypeOf<Promise<string>>()
  })

  it('looks at what a platform passes in', () => {
    expectTypeOf<LanonasisClientOptions['diagnostics']>().toEqualTypeOf<Diagnostics | undefined>()
  })

  it('can be told a deployment as on a command line', () => {
    expectTypeOf(parseDeployment).parameters.toEqualTypeOf<[text: string]>()
    expectTypeOf<ReturnType<typeof parseDeployment>>().toExtend<Partial<LanonasisClientOptions>>()
  })
})
