//go:build !noasm

#include "textflag.h"

// func smoothVector(to, from *uint16, n int)
TEXT ·smoothVector(SB), NOSPLIT, $0-24
	MOVQ to+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ n+16(FP), CX
	VPCMPEQW Y3, Y3, Y3
	VPSRLW $15, Y3, Y3
	VPADDW Y3, Y3, Y3

next:
	VMOVDQU 2(SI), Y0
	VPADDW  Y0, Y0, Y0
	VPADDW  (SI), Y0, Y0
	VPADDW  4(SI), Y0, Y0
	VPADDW  Y3, Y0, Y0
	VPSRLW  $2, Y0, Y0
	VMOVDQU Y0, 2(DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	SUBQ    $16, CX
	JGT     next
	VZEROUPPER
	RET

// func fillVector(to *uint16, n int, v uint16)
TEXT ·fillVector(SB), NOSPLIT, $0-18
	MOVQ to+0(FP), DI
	MOVQ n+8(FP), CX
	VPBROADCASTW v+16(FP), Y0

next:
	VMOVDQU Y0, (DI)
	ADDQ    $32, DI
	SUBQ    $16, CX
	JGT     next
	VZEROUPPER
	RET
