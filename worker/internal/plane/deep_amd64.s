#include "textflag.h"

// func deepVerticalAVX2(dst, src []int16, stride int, weights []int16)
//
// As verticalAVX2, of samples that need not be widened.
TEXT ·deepVerticalAVX2(SB), NOSPLIT, $0-80
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ src_base+24(FP), SI
	MOVQ stride+48(FP), R8
	SHLQ $1, R8                  // bytes from one row to the next
	MOVQ weights_base+56(FP), R9
	MOVQ weights_len+64(FP), R10

	MOVL         $8192, AX       // half of 1<<deepShift
	VMOVD        AX, X15
	VPBROADCASTD X15, Y15

column:
	VMOVDQA Y15, Y0
	VMOVDQA Y15, Y1
	MOVQ    SI, AX
	MOVQ    R9, BX
	MOVQ    R10, DX

row:
	VMOVDQU      (AX), Y2
	VMOVDQU      (AX)(R8*1), Y3
	VPBROADCASTD (BX), Y4
	VPUNPCKLWD   Y3, Y2, Y5
	VPUNPCKHWD   Y3, Y2, Y6
	VPMADDWD     Y4, Y5, Y5
	VPMADDWD     Y4, Y6, Y6
	VPADDD       Y5, Y0, Y0
	VPADDD       Y6, Y1, Y1
	LEAQ         (AX)(R8*2), AX
	ADDQ         $4, BX
	SUBQ         $2, DX
	JNE          row

	VPSRAD    $14, Y0, Y0
	VPSRAD    $14, Y1, Y1
	VPACKSSDW Y1, Y0, Y0
	VMOVDQU   Y0, (DI)
	ADDQ      $32, DI
	ADDQ      $32, SI
	SUBQ      $16, CX
	JNE       column

	VZEROUPPER
	RET

// func deepHorizontalAVX2(dst, src []int16, starts []int32, weights []int16, taps int)
//
// As horizontalAVX2, to samples of 16 bits.
TEXT ·deepHorizontalAVX2(SB), NOSPLIT, $0-104
	MOVQ dst_base+0(FP), DI
	MOVQ dst_len+8(FP), CX
	MOVQ src_base+24(FP), SI
	MOVQ starts_base+48(FP), R8
	MOVQ weights_base+72(FP), R9
	MOVQ taps+96(FP), R11
	SHLQ $1, R11                 // bytes from the weights of one output to those of the next
	LEAQ (R11)(R11*2), R13

	MOVL         $8192, AX       // half of 1<<deepShift
	VMOVD        AX, X15
	VPBROADCASTD X15, X15

output:
	MOVLQSX 0(R8), AX
	MOVLQSX 4(R8), BX
	MOVLQSX 8(R8), DX
	MOVLQSX 12(R8), R12
	LEAQ    (SI)(AX*2), AX
	LEAQ    (SI)(BX*2), BX
	LEAQ    (SI)(DX*2), DX
	LEAQ    (SI)(R12*2), R12
	VPXOR   X0, X0, X0
	VPXOR   X1, X1, X1
	VPXOR   X2, X2, X2
	VPXOR   X3, X3, X3
	MOVQ    taps+96(FP), R10

tap:
	VMOVDQU  (AX), X4
	VMOVDQU  (BX), X5
	VMOVDQU  (DX), X6
	VMOVDQU  (R12), X7
	VPMADDWD (R9), X4, X4
	VPMADDWD (R9)(R11*1), X5, X5
	VPMADDWD (R9)(R11*2), X6, X6
	VPMADDWD (R9)(R13*1), X7, X7
	VPADDD   X4, X0, X0
	VPADDD   X5, X1, X1
	VPADDD   X6, X2, X2
	VPADDD   X7, X3, X3
	ADDQ     $16, AX
	ADDQ     $16, BX
	ADDQ     $16, DX
	ADDQ     $16, R12
	ADDQ     $16, R9
	SUBQ     $8, R10
	JNE      tap

	VPHADDD   X1, X0, X0
	VPHADDD   X3, X2, X2
	VPHADDD   X2, X0, X0
	VPADDD    X15, X0, X0
	VPSRAD    $14, X0, X0
	VPACKSSDW X0, X0, X0
	VMOVQ     X0, (DI)
	ADDQ      R13, R9            // past the weights of the other three
	ADDQ      $8, DI
	ADDQ      $16, R8
	SUBQ      $4, CX
	JNE       output

	VZEROUPPER
	RET
