//go:build !noasm

#include "textflag.h"

// func narrowVector(dst *byte, src *uint16, n int)
TEXT ·narrowVector(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX

next:
	VMOVDQU   (SI), Y0
	VMOVDQU   32(SI), Y1
	VPACKUSWB Y1, Y0, Y0      // halves alternate: samples 0-7, 16-23, 8-15, 24-31
	VPERMQ    $0xd8, Y0, Y0
	VMOVDQU   Y0, (DI)
	ADDQ      $64, SI
	ADDQ      $32, DI
	SUBQ      $32, CX
	JGT       next
	VZEROUPPER
	RET
